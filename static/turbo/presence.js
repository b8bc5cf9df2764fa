import { take } from "./locks.js"

const KEEPER = "turbo-hidden-stream"

/**
 * Says when this tab should rest: `after` seconds hidden it calls `sleep()`, on becoming visible `wake(absence in ms)`.
 *
 * One hidden tab of a browser may stay awake, for the unread mark in its title: the one that holds the lock. When another
 * tab comes forward, the hidden ones do not wait for their time, since connections are few (see slots.js).
 */
export default class Presence {
  after = 30

  constructor({ sleep, wake }) {
    Object.assign(this, { sleep, wake })
  }

  start() {
    this.stop()
    this.channel = new BroadcastChannel("turbo-presence")
    this.channel.onmessage = () => this.rest()
    document.addEventListener("visibilitychange", this.changed)
    if (document.hidden) this.hide(0)
    else this.show(Infinity)
  }

  stop() {
    document.removeEventListener("visibilitychange", this.changed)
    clearTimeout(this.timer)
    this.channel?.close()
    this.channel = null
    this.release()
  }

  changed = () => {
    if (document.hidden) this.hide(this.after)
    else this.show(Date.now() - this.hiddenAt)
  }

  hide(seconds) {
    this.hiddenAt = Date.now()
    this.timer = setTimeout(() => this.rest(), seconds * 1_000)
  }

  show(absence) {
    clearTimeout(this.timer)
    this.release()
    this.channel.postMessage("visible")
    this.wake(absence)
  }

  async rest() {
    if (!this.resting || this.keeper) return
    clearTimeout(this.timer)
    const keeper = await take(KEEPER)
    if (!this.resting || this.keeper) keeper?.()
    else if (keeper) this.keep(keeper)
    else this.sleep()
  }

  keep(keeper) {
    this.keeper = keeper
    this.wake(0)
  }

  get resting() {
    return document.hidden && this.channel !== null
  }

  release() {
    this.keeper?.()
    this.keeper = null
  }
}
