const FIRST_BEAT = 4_000 // ms in which a stream that passes says its first beat
const ALONE = 250 // ms after a beat in which nothing else comes, for the beat to prove that streams pass

/**
 * Looks whether the network lets a stream through, and calls `passed()` if it does.
 *
 * A beat that comes along with a change proves nothing, since it may be the change that pushed it through a proxy's buffer.
 */
export default class Trial {
  constructor(passed) {
    this.passed = passed
  }

  start(address) {
    this.stop()
    this.source = new EventSource(address)
    this.timer = setTimeout(this.stop, FIRST_BEAT)
    this.source.addEventListener("error", this.stop)
    this.source.addEventListener("message", this.stop)
    this.source.addEventListener("beat", this.beat)
  }

  beat = () => {
    clearTimeout(this.timer)
    this.timer = setTimeout(this.succeed, ALONE)
  }

  succeed = () => {
    this.stop()
    this.passed()
  }

  stop = () => {
    clearTimeout(this.timer)
    this.source?.close()
    this.source = null
  }
}
