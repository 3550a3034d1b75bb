/**
 * The API's JSON under the names the page uses. Types only: all but a few words of them are made from the API's own
 * description, so that the page cannot read what the server does not send.
 *
 * @typedef {import('../../api.js').components['schemas']} Schemas
 *
 * @typedef {Schemas['Mode']} Mode
 * @typedef {Schemas['Player']} Player
 * @typedef {Schemas['Status']} Status
 * @typedef {Schemas['Output']} Output
 * @typedef {Schemas['OutputSpec']} OutputSpec
 * @typedef {Schemas['Controller']} Controller
 * @typedef {Schemas['TestPattern']} TestPattern
 * @typedef {Schemas['PowerEstimate']} PowerEstimate
 * @typedef {Schemas['NamedOutputStatus']} OutputStatus
 * @typedef {Schemas['Protocol']} Protocol
 * @typedef {Schemas['HealthReport']} Health
 * @typedef {Schemas['CheckName']} CheckName
 * @typedef {Schemas['CheckState']} CheckState
 * @typedef {Schemas['Finding']} Finding
 * @typedef {Schemas['Recovery']} Recovery
 * @typedef {Schemas['RecoveryKind']} RecoveryKind
 * @typedef {Schemas['SafeMode']} SafeMode
 * @typedef {Schemas['SettingsPart']} SettingsPart
 * @typedef {Schemas['SystemAction']} SystemAction
 * @typedef {Schemas['Machine']} Machine
 * @typedef {Schemas['Update']} Update
 * @typedef {Schemas['Display']} Display
 * @typedef {Schemas['DisplayState']} DisplayState
 * @typedef {Schemas['Role']} Role
 * @typedef {Schemas['Session']} Session
 * @typedef {Schemas['Account']} Account
 * @typedef {Schemas['Token']} Token
 * @typedef {Schemas['AuditLine']} AuditLine
 * @typedef {Schemas['AuditPage']} AuditPage
 * @typedef {Schemas['Snapshot']} Snapshot
 * @typedef {Schemas['Restored']} Restored
 * @typedef {Schemas['Media']} Media
 * @typedef {Schemas['DeletedMedia']} DeletedMedia
 * @typedef {Schemas['ImportedPlaylist']} ImportedPlaylist
 * @typedef {Schemas['Order']} Order
 * @typedef {Schemas['Repeat']} Repeat
 * @typedef {Schemas['PlaylistSummary']} PlaylistSummary
 * @typedef {Schemas['Playlist']} Playlist
 * @typedef {Schemas['Item']} Item
 * @typedef {Schemas['NewItem']} NewItem
 * @typedef {Schemas['Content']} Content
 * @typedef {Extract<Content, {type: 'text'}>} TextContent
 * @typedef {Extract<Content, {type: 'effect'}>} EffectContent
 * @typedef {Schemas['ParamValue']} ParamValue
 * @typedef {Schemas['Transition']} Transition
 * @typedef {Schemas['Param']} Param
 * @typedef {Schemas['Effect']} EffectSpec
 * @typedef {Schemas['Layout']} Layout
 * @typedef {Schemas['Piece']} Piece
 * @typedef {Schemas['Point']} Point
 * @typedef {Schemas['Schedule']} Schedule
 * @typedef {Schemas['NewSchedule']} NewSchedule
 * @typedef {Schemas['ScheduleRule']} ScheduleRule
 * @typedef {Schemas['NewScheduleRule']} NewScheduleRule
 * @typedef {Schemas['ScheduleMoment']} ScheduleMoment
 * @typedef {Schemas['ScheduleWeek']} ScheduleWeek
 * @typedef {Schemas['ScheduleState']} ScheduleState
 */
export {};
