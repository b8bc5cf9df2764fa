const QUICK = 500 // ms in which most messages arrive; shorter words would only flicker

/** Says why something waits: nothing at first, then "Sending…". Without a network it says so at once. */
export default class WaitingWords {
  constructor(say) {
    this.say = say
    this.listeners = new AbortController()
    const { signal } = this.listeners
    for (const event of ["online", "offline"]) addEventListener(event, () => this.tell(), { signal })
    for (const event of ["stream:away", "stream:live"]) document.addEventListener(event, () => this.tell(), { signal })
  }

  end() {
    this.listeners.abort()
    this.waits(false)
  }

  waits(waiting) {
    if (!waiting) {
      clearTimeout(this.timer)
      this.timer = null
      this.late = false
    } else this.timer ??= setTimeout(() => this.tell((this.late = true)), QUICK)
    this.tell()
  }

  tell() {
    if (this.timer && isOffline()) this.say("Waiting for the network")
    else this.say(this.late ? "Sending…" : "")
  }
}

function isOffline() {
  return !navigator.onLine || document.querySelector("[data-mode=offline]") !== null
}
