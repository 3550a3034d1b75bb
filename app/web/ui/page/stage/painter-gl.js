/**
 * Draws LED values as light by the graphics processor: each LED at its true place, and around all of them the haze that
 * a diffuser makes of it. Ten thousand LEDs are four draw calls a frame, however near one looks.
 */

/** @import { Camera } from './camera.js' */
import { SHADERS } from './shaders.js';

/** Pixels per cell of the haze, and cells of the near haze per cell of the far one. */
const CELL = 6;
const FAR_CELL = 4;
/** Share of an LED's light in the near and in the far haze. */
const NEAR = 0.24;
const FAR = 0.1;
/** What the room's light makes of an unlit LED. */
const UNLIT = 0.0037;
/** Taps of the blur to each side, in standard deviations of it. */
const TAPS = 3.6;

/** A place to draw to that can be read from afterwards. @typedef {{texture: WebGLTexture, buffer: WebGLFramebuffer, width: number, height: number}} Target */

export class GlPainter {
  /** Plain dots and no haze. */
  plain = false;
  count = 0;
  #pitch = 1;
  /** @type {Target[]} */
  #targets = [];

  /** Throws where there is no WebGL 2, or none that adds light in half floats. @param {HTMLCanvasElement} canvas @param {Camera} camera */
  constructor(canvas, camera) {
    const gl = canvas.getContext('webgl2', { alpha: false, antialias: false, powerPreference: 'low-power' });
    if (!gl?.getExtension('EXT_color_buffer_float')) throw new Error('this browser has no WebGL 2');
    this.canvas = canvas;
    this.camera = camera;
    this.gl = gl;
    this.programs = { dot: link(gl, 'dot'), spread: link(gl, 'spread'), blur: link(gl, 'blur'), haze: link(gl, 'haze') };
    this.leds = gl.createBuffer();
    this.colours = gl.createBuffer();
    const corners = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    for (const place of [0, 1, 2]) gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.leds);
    gl.vertexAttribPointer(1, 4, gl.FLOAT, false, 0, 0);
    gl.vertexAttribDivisor(1, 1);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.colours);
    gl.vertexAttribPointer(2, 3, gl.UNSIGNED_BYTE, true, 0, 0);
    gl.vertexAttribDivisor(2, 1);
  }

  /** @param {Float32Array} leds x, y, width, height per LED, on the wall */
  setWall(leds) {
    const { gl } = this;
    this.count = leds.length / 4;
    let pitch = 0;
    for (let at = 2; at < leds.length; at += 4) pitch += Math.sqrt((leds[at] ?? 0) * (leds[at + 1] ?? 0));
    this.#pitch = this.count ? pitch / this.count : 1;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.leds);
    gl.bufferData(gl.ARRAY_BUFFER, leds, gl.STATIC_DRAW);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.colours);
    gl.bufferData(gl.ARRAY_BUFFER, this.count * 3, gl.STREAM_DRAW);
  }

  /** Fits the drawing to so many device pixels. @param {number} width @param {number} height */
  resize(width, height) {
    const { gl, canvas } = this;
    const [w, h] = [Math.max(16, Math.round(width)), Math.max(16, Math.round(height))];
    if (canvas.width === w && canvas.height === h && this.#targets.length) return;
    canvas.width = w;
    canvas.height = h;
    for (const { texture, buffer } of this.#targets) {
      gl.deleteTexture(texture);
      gl.deleteFramebuffer(buffer);
    }
    const near = [Math.ceil(w / CELL), Math.ceil(h / CELL)];
    const far = near.map((cells) => Math.ceil(cells / FAR_CELL));
    this.#targets = [near, near, far, far].map(([width, height]) => target(gl, width ?? 1, height ?? 1));
  }

  /** Draws a frame; LEDs it does not reach stay dark. @param {Uint8Array | null} values r, g, b per LED in linear light */
  paint(values) {
    const { gl, canvas, camera, programs } = this;
    const [near, nearSpare, far, farSpare] = this.#targets;
    if (!near || !nearSpare || !far || !farSpare) return;
    const sight = camera.sight(canvas.width, canvas.height);
    const all = this.count * 3;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.colours);
    gl.bufferData(gl.ARRAY_BUFFER, all, gl.STREAM_DRAW);
    if (values) gl.bufferSubData(gl.ARRAY_BUFFER, 0, values.length > all ? values.subarray(0, all) : values);
    if (!this.plain) {
      this.#leds('spread', near, sight, CELL, gl.FUNC_ADD);
      this.#blur(near, nearSpare, (this.#pitch * sight.scale) / CELL);
      this.#copy(near, far);
      this.#blur(far, farSpare, (camera.size.width * sight.scale) / CELL / FAR_CELL / 30);
    }
    this.#leds('dot', null, sight, 1, gl.MAX);
    if (this.plain) return;
    const haze = programs.haze;
    gl.useProgram(haze.program);
    this.#texture(haze, 'near', 0, near);
    this.#texture(haze, 'far', 1, far);
    gl.uniform2f(haze.at('shares'), NEAR, FAR);
    gl.blendEquation(gl.FUNC_ADD);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_COLOR);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.disable(gl.BLEND);
  }

  /**
   * @param {'dot' | 'spread'} name @param {Target | null} onto the canvas where there is none
   * @param {import('./camera.js').Sight} sight @param {number} cell pixels of the canvas per pixel of the target @param {number} blend how overlapping LEDs add up
   */
  #leds(name, onto, sight, cell, blend) {
    const { gl, canvas } = this;
    const program = this.programs[name];
    const [width, height] = [onto?.width ?? canvas.width, onto?.height ?? canvas.height];
    gl.bindFramebuffer(gl.FRAMEBUFFER, onto?.buffer ?? null);
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(program.program);
    gl.uniform3f(program.at('sight'), sight.scale / cell, sight.left / cell, sight.top / cell);
    gl.uniform2f(program.at('size'), width, height);
    gl.uniform1f(program.at('least'), 1.2);
    gl.uniform1f(program.at('plain'), this.plain ? 1 : 0);
    gl.uniform1f(program.at('unlit'), UNLIT);
    gl.enable(gl.BLEND);
    gl.blendEquation(blend);
    gl.blendFunc(gl.ONE, gl.ONE);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.count);
  }

  /** @param {Target} picture in and out @param {Target} spare @param {number} deviation in its pixels */
  #blur(picture, spare, deviation) {
    const step = Math.min(4, Math.max(0.5, deviation / TAPS));
    this.#pass(picture, spare, step / picture.width, 0);
    this.#pass(spare, picture, 0, step / picture.height);
  }

  /** @param {Target} from @param {Target} to */
  #copy(from, to) {
    this.#pass(from, to, 0.5 / from.width, 0.5 / from.height);
  }

  /** @param {Target} from @param {Target} to @param {number} x @param {number} y */
  #pass(from, to, x, y) {
    const { gl } = this;
    const { blur } = this.programs;
    gl.bindFramebuffer(gl.FRAMEBUFFER, to.buffer);
    gl.viewport(0, 0, to.width, to.height);
    gl.disable(gl.BLEND);
    gl.useProgram(blur.program);
    this.#texture(blur, 'from', 0, from);
    gl.uniform2f(blur.at('way'), x, y);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  /** @param {Program} program @param {string} name @param {number} unit @param {Target} target */
  #texture(program, name, unit, target) {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, target.texture);
    gl.uniform1i(program.at(name), unit);
  }
}

/** @typedef {{program: WebGLProgram, at: (name: string) => WebGLUniformLocation | null}} Program */

/** @param {WebGL2RenderingContext} gl @param {keyof typeof SHADERS} name @returns {Program} */
function link(gl, name) {
  const program = gl.createProgram();
  SHADERS[name].forEach((source, index) => {
    const shader = gl.createShader(index ? gl.FRAGMENT_SHADER : gl.VERTEX_SHADER);
    if (!shader) throw new Error('the graphics context is lost');
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  });
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(`${name}: ${gl.getProgramInfoLog(program)}`);
  /** @type {Map<string, WebGLUniformLocation | null>} */
  const places = new Map();
  return {
    program,
    at: (uniform) => {
      if (!places.has(uniform)) places.set(uniform, gl.getUniformLocation(program, uniform));
      return places.get(uniform) ?? null;
    },
  };
}

/** @param {WebGL2RenderingContext} gl @param {number} width @param {number} height @returns {Target} */
function target(gl, width, height) {
  const texture = gl.createTexture();
  const buffer = gl.createFramebuffer();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA16F, width, height);
  for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, filter, gl.LINEAR);
  for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
  gl.bindFramebuffer(gl.FRAMEBUFFER, buffer);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  return { texture, buffer, width, height };
}
