import Address from "./address.js"
import Connection from "./connection.js"
import checkPage from "./page_check.js"
import Presence from "./presence.js"
import { apply } from "./render.js"
import { markOf, positions } from "./wire.js"

/**
 * The live side of a document: one connection for all regions of its page; see region.js and list_region.js.
 *
 * Regions come and go with each visit. The connection opens again once for all that did so in one turn, from the cursors
 * of those that are there then, and closes when none is left. Where the server refuses, `check()` says why; see
 * page_check.js.
 */
export default class Live {
  regions = new Set()

  constructor({ check = checkPage } = {}) {
    this.check = check
    this.address = new Address(this.regions)
    const { deliver, reached, withdraw, report, diagnose } = this
    this.connection = new Connection({
      address: this.address.of, deliver, reached, withdraw, report, check: diagnose,
    })
    this.presence = new Presence({
      sleep: () => this.connection.stop(),
      wake: (absence) => this.wake(absence),
    })
  }

  join(region) {
    this.regions.add(region)
    this.change()
  }

  leave(region) {
    if (this.regions.delete(region)) this.change()
  }

  change() {
    if (!this.changing) queueMicrotask(this.begin)
    this.changing = true
  }

  begin = () => {
    this.changing = false
    if (this.address.of() === null) return this.stop()
    addEventListener("online", this.reconnect)
    addEventListener("offline", this.suspect)
    addEventListener("pagehide", this.leavePage)
    addEventListener("pageshow", this.comeBack)
    this.presence.after = Math.min(...[...this.regions].map((region) => region.hiddenAfter))
    this.connection.renew()
    if (!this.connection.running) this.presence.start()
  }

  stop() {
    removeEventListener("online", this.reconnect)
    removeEventListener("offline", this.suspect)
    removeEventListener("pagehide", this.leavePage)
    removeEventListener("pageshow", this.comeBack)
    this.leavePage()
  }

  // Sockets of a page in the background may be dead without a word (iOS does this), so a longer absence means a new one.
  wake(absence) {
    if (this.connection.running && absence < 5_000) return
    this.connection.reconnect()
  }

  reconnect = () => {
    if (this.connection.running || !document.hidden) this.connection.reconnect()
  }

  suspect = () => this.connection.lost()

  // An open connection or a held lock would keep the page out of the back-forward cache.
  leavePage = () => {
    this.presence.stop()
    this.connection.stop()
  }

  comeBack = ({ persisted }) => {
    if (persisted) this.presence.start()
  }

  // Returns false where something is missing, before this change or after it. A passing state (somebody types) follows
  // nothing. A stream whose region has just left concerns nobody.
  deliver = ({ data, lastEventId }) => {
    const mark = markOf(data)
    if (!mark) return this.show(data)
    const region = this.regionOf(mark.name)
    if (!region) return true
    return region.receive(data, mark, positions(lastEventId).get(mark.name)) && this.reached(lastEventId)
  }

  show(html) {
    apply(html, { "data-live": "" })
    return true
  }

  /**
   * Whether each region shows everything up to its position in `text`. Where other regions have positions and one has none,
   * its stream was withdrawn and the event that said so was lost.
   */
  reached = (text) => {
    const said = positions(text)
    const missing = ({ name, cursor }) => !said.has(name) && !Number.isNaN(cursor)
    if (said.size > 0 && !said.has(undefined) && [...this.regions].some(missing)) return false
    return [...said].every(([name, position]) => this.regionOf(name)?.reached(position) ?? true)
  }

  // The last region stays: the server ends the connection and refuses the next, and `check` knows more than that.
  withdraw = (name) => {
    const region = this.regionOf(name)
    if (!region || this.regions.size === 1) return
    this.regions.delete(region)
    region.report("gone")
  }

  report = (state) => {
    for (const region of [...this.regions]) region.report(state)
  }

  diagnose = async (status) => {
    const verdict = await this.check()
    if (status === 404 && verdict === "here") this.address.avoid(this.tryAgain)
    return verdict
  }

  tryAgain = () => {
    if (this.connection.running) this.connection.reconnect()
  }

  regionOf(name) {
    if (name === undefined) return this.address.alone
    return [...this.regions].find((region) => region.name === name)
  }

  /** The network holds streams back; if not, and it polls all the same, other tabs have the connections. */
  get networkHolds() {
    return this.connection.polling.held
  }
}
