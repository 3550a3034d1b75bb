/** What the graphics processor runs to draw the wall. Light is linear until it is encoded to sRGB at the end. */

const ENCODE = `
vec3 encode(vec3 light) {
  light = clamp(light, 0.0, 1.0);
  return mix(1.055 * pow(light, vec3(1.0 / 2.4)) - 0.055, 12.92 * light, vec3(lessThan(light, vec3(0.0031308))));
}`;

/** An LED is a square from its middle, \`grow\` times its footprint and never smaller than \`least\` pixels. */
const PLACE = `#version 300 es
layout(location = 0) in vec2 corner;
layout(location = 1) in vec4 led;
layout(location = 2) in vec3 colour;
uniform vec3 sight;
uniform vec2 size;
uniform float least;
out vec2 at;
out vec3 light;
flat out float share;
flat out float tiny;
void main() {
  vec2 full = max(led.zw * sight.x, vec2(0.001));
  vec2 side = max(full, vec2(least));
  share = (full.x * full.y) / (side.x * side.y);
  tiny = min(full.x, full.y) < 2.4 ? 1.0 : 0.0;
  at = corner;
  light = colour;
  vec2 pixel = led.xy * sight.x + sight.yz + corner * side * 0.5;
  gl_Position = vec4(pixel / size * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0);
}`;

/** A rounded square, bright in the middle and soft at its edge; or a plain disc. */
const DOT = `#version 300 es
precision highp float;
in vec2 at;
in vec3 light;
flat in float share;
flat in float tiny;
uniform float plain;
uniform float unlit;
out vec4 shown;
${ENCODE}
void main() {
  float soft = 1.0 / (1.0 + pow(pow(pow(abs(at.x), 2.6) + pow(abs(at.y), 2.6), 1.0 / 2.6) / 0.74, 6.0));
  float edge = fwidth(length(at)) + 0.001;
  float disc = 1.0 - smoothstep(0.8 - edge, 0.8 + edge, length(at));
  float lit = tiny > 0.5 ? 1.0 : mix(soft, disc, plain);
  shown = vec4(encode((light + unlit) * lit), 1.0);
}`;

/** The light of an LED spread over its place, for the haze to be made of. */
const SPREAD = `#version 300 es
precision highp float;
in vec2 at;
in vec3 light;
flat in float share;
flat in float tiny;
out vec4 shown;
void main() {
  shown = vec4(light * share, 1.0);
}`;

const WHOLE = `#version 300 es
layout(location = 0) in vec2 corner;
out vec2 at;
void main() {
  at = corner * 0.5 + 0.5;
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

/** A Gaussian along one direction. */
const BLUR = `#version 300 es
precision highp float;
in vec2 at;
uniform sampler2D from;
uniform vec2 way;
out vec4 shown;
void main() {
  vec3 sum = vec3(0.0);
  float weight = 0.0;
  for (int i = -8; i <= 8; i++) {
    float part = exp(-0.5 * pow(float(i) / 3.6, 2.0));
    sum += part * texture(from, at + way * float(i)).rgb;
    weight += part;
  }
  shown = vec4(sum / weight, 1.0);
}`;

const HAZE = `#version 300 es
precision highp float;
in vec2 at;
uniform sampler2D near;
uniform sampler2D far;
uniform vec2 shares;
out vec4 shown;
${ENCODE}
void main() {
  shown = vec4(encode(shares.x * texture(near, at).rgb + shares.y * texture(far, at).rgb), 0.0);
}`;

export const SHADERS = { dot: [PLACE, DOT], spread: [PLACE, SPREAD], blur: [WHOLE, BLUR], haze: [WHOLE, HAZE] };
