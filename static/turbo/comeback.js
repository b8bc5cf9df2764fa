import { backoff } from "turbo/backoff"
import checkPage from "lib/page_check"

/**
 * Waits until its reader may see a withdrawn page again, and then calls `back()`: somebody may be removed by mistake, and
 * added again. Asks now and then, less and less often, and only while the page is visible.
 */
export default class Comeback {
  constructor(back) {
    this.back = back
  }

  start() {
    this.stop()
    this.tries = 0
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
    const gone = (await checkPage()) === "gone"
    if (this.round !== round) return
    if (gone) return this.wait()
    this.stop()
    this.back()
  }
}
