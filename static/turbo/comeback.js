import { backoff } from "./backoff.js"

const SOON = 5_000 // ms: a part that is withdrawn so soon after its return was never given back

/**
 * Waits until its reader may see a withdrawn page again, and then calls `back()`: somebody may be removed by mistake, and
 * added again. Has `check()` look now and then, less and less often, and only while the page is visible, until it resolves to
 * anything but "gone". The page may be there without one of its parts. Then that part tries less and less often, too.
 */
export default class Comeback {
  constructor(check, back) {
    Object.assign(this, { check, back })
  }

  start() {
    this.stop()
    if (!(Date.now() - this.backAt < SOON)) this.tries = 0
    document.addEventListener("visibilitychange", this.look)
    this.wait()
  }

  stop() {
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.look)
    this.round = null // an answer that is still under way then has no effect
  }

  wait() {
    this.timer = setTimeout(this.look, backoff(this.tries++))
  }

  look = async () => {
    clearTimeout(this.timer)
    if (document.hidden) return
    const round = (this.round = {})
    const gone = (await this.check()) === "gone"
    if (this.round !== round) return
    if (gone) return this.wait()
    this.stop()
    this.backAt = Date.now()
    this.back()
  }
}
