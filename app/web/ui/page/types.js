/**
 * The API's JSON as the page reads it. Types only: nothing here runs.
 *
 * @typedef {'playing' | 'paused' | 'stopped'} Mode
 *
 * @typedef {object} Player
 * @property {Mode} mode
 * @property {{id: string, name: string} | null} playlist
 * @property {{id: string, index: number, title: string} | null} item
 * @property {number} position_seconds
 * @property {number | null} duration_seconds
 * @property {number} frames
 * @property {number} late_frames
 * @property {number} leds
 * @property {number} brightness 0 to 1, linear in light
 * @property {{item: string, reason: string}[]} problems
 *
 * @typedef {object} OutputStatus
 * @property {string} [name]
 * @property {'off' | 'waiting' | 'sending' | 'failing'} state
 * @property {string | null} host
 * @property {string | null} message
 * @property {number} frames
 * @property {number} dropped_frames
 * @property {number} send_errors
 * @property {number} failovers
 * @property {boolean | null} alive
 * @property {string | null} device
 * @property {number | null} [current_ma]
 * @property {boolean} [limited]
 *
 * @typedef {{type: 'ddp', destination: number}
 *   | {type: 'sacn', universe: number, priority: number, sync_universe: number | null, multicast: boolean}
 *   | {type: 'artnet', universe: number, sync: boolean}} Protocol
 *
 * @typedef {object} Output
 * @property {string} name
 * @property {boolean} enabled
 * @property {Protocol} protocol
 * @property {string[]} hosts
 * @property {{first: number, count: number} | null} leds
 * @property {{per_led_ma: number, budget_ma: number} | null} power
 * @property {OutputStatus} [status]
 *
 * @typedef {object} Status
 * @property {string} version
 * @property {number} uptime_seconds
 * @property {string | null} safe_mode why nothing plays after the start
 * @property {Player} player
 * @property {OutputStatus[]} outputs
 * @property {{used_bytes: number, quota_bytes: number | null, free_bytes: number, reserve_bytes: number, uploads: number}} storage
 * @property {Health} health
 * @property {System} system
 * @property {string[]} notices
 *
 * @typedef {'player' | 'outputs' | 'decoders' | 'storage' | 'data' | 'temperature' | 'memory' | 'clock'} CheckName
 *
 * @typedef {'ok' | 'degraded' | 'failing' | 'unknown'} CheckState
 *
 * @typedef {{kind: 'reopen_output' | 'next_host' | 'prune_uploads', tried: number, succeeded: number, last: string | null}} Recovery
 *
 * @typedef {object} Health
 * @property {'ok' | 'degraded' | 'failing'} state
 * @property {number | null} checked_seconds_ago when machine and disk were read
 * @property {{check: CheckName, state: CheckState, detail: string | null}[]} checks
 * @property {{check: CheckName, subject: string, message: string, since: string}[]} findings
 * @property {Recovery[]} recoveries
 *
 * @typedef {object} SafeMode
 * @property {string} reason
 * @property {string[]} log
 * @property {{differs: ('layout' | 'outputs' | 'colours' | 'playlist')[]} | null} last_worked
 *
 * @typedef {'restart' | 'reboot' | 'poweroff'} SystemAction
 *
 * @typedef {{possible: boolean, reason: string | null}} Ability
 *
 * @typedef {object} System
 * @property {'systemd' | 'none'} supervisor
 * @property {Ability} restart
 * @property {Ability} reboot
 * @property {Ability} poweroff
 * @property {{action: SystemAction, who: string, stage: 'waiting' | 'under_way', seconds_left: number} | null} pending
 * @property {{action: SystemAction, reason: string, at: string} | null} failure
 *
 * @typedef {'viewer' | 'operator' | 'admin'} Role
 *
 * @typedef {object} Session
 * @property {'account' | 'link' | 'token' | 'script' | 'local'} kind
 * @property {string | null} name
 * @property {string | null} account
 * @property {Role} role
 * @property {boolean} claimed whether there is an admin's account
 * @property {number | null} expires_in_seconds
 *
 * @typedef {{id: string, name: string, role: Role, tokens: number}} Account
 *
 * @typedef {object} Token
 * @property {string} id
 * @property {string} name
 * @property {Role} role
 * @property {string} created RFC 3339
 * @property {string} expires RFC 3339
 * @property {string} made_by
 * @property {string | null} owner
 *
 * @typedef {object} AuditLine
 * @property {number} seq
 * @property {string} time RFC 3339
 * @property {'request' | 'begin' | 'cut_off' | 'lost'} kind
 * @property {string | null} who
 * @property {string | null} from
 * @property {string | null} action
 * @property {string | null} detail
 * @property {number | null} status
 * @property {number | null} count
 *
 * @typedef {object} Snapshot
 * @property {string} id
 * @property {'daily' | 'asked' | 'before_restore'} occasion
 * @property {string} taken RFC 3339
 * @property {number} bytes
 *
 * @typedef {object} Restored
 * @property {Snapshot} before
 * @property {string[]} missing_media
 * @property {string[]} missing_accounts
 *
 * @typedef {object} Media
 * @property {string} id
 * @property {string} name
 * @property {'still' | 'animation' | 'video'} kind
 * @property {string} format
 * @property {number} width
 * @property {number} height
 * @property {number | null} duration_seconds
 * @property {number | null} fps
 * @property {number} bytes
 * @property {string} added RFC 3339
 *
 * @typedef {'listed' | 'shuffled'} Order
 * @typedef {'off' | 'one' | 'all'} Repeat
 *
 * @typedef {object} PlaylistSummary
 * @property {string} id
 * @property {string} name
 * @property {number} items
 * @property {number | null} duration_seconds
 * @property {Order} order
 * @property {Repeat} repeat
 * @property {boolean} active
 *
 * @typedef {object} Playlist
 * @property {string} id
 * @property {string} name
 * @property {Order} order
 * @property {Repeat} repeat
 * @property {boolean} active
 * @property {number} revision
 * @property {Item[]} items
 *
 * @typedef {{type: 'static'} | {type: 'scroll', speed: number} | {type: 'fade', period: number}} Motion
 * @typedef {{type: 'media', media: string}} MediaContent
 * @typedef {{type: 'text', text: string, font?: string | null, size?: number, colour?: string,
 *   background?: string, align?: 'left' | 'centre' | 'right', motion?: Motion}} TextContent
 * @typedef {number | string | boolean} ParamValue
 * @typedef {{type: 'effect', effect: string, params: Record<string, ParamValue>}} EffectContent
 * @typedef {MediaContent | TextContent | EffectContent} Content
 *
 * @typedef {object} Transition
 * @property {'cut' | 'crossfade' | 'fade_through_black' | 'wipe'} type
 * @property {'right' | 'left' | 'down' | 'up'} [direction] of a wipe
 * @property {number} [duration_seconds]
 * @property {'linear' | 'in' | 'out' | 'in_out'} [easing]
 *
 * @typedef {object} NewItem
 * @property {Content} content
 * @property {number | null} [duration_seconds]
 * @property {'cover' | 'contain' | 'stretch'} [fit]
 * @property {Transition} [transition]
 *
 * @typedef {NewItem & {id: string, title: string, problem: string | null}} Item
 *
 * @typedef {{name: string, title: string} & (
 *     {type: 'number', min: number, max: number, default: number, unit: string}
 *   | {type: 'colour', default: string}
 *   | {type: 'choice', options: string[], default: string}
 *   | {type: 'switch', default: boolean})} Param
 *
 * @typedef {{name: string, title: string, params: Param[]}} EffectSpec
 *
 * @typedef {object} Layout
 * @property {'default' | 'config' | 'page'} source
 * @property {{width: number, height: number}} canvas
 * @property {number} leds
 */
export {};
