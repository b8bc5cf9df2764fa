import { Controller } from "@hotwired/stimulus"
import tell from "lib/notice"

const PAUSE = 200 // ms without a key, after which it searches
const LONG_PAUSE = 1_000 // ms after one or two letters, which most often begin a longer word
const BEGUN = /(^|\s)[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]{1,2}$/u

// Searches while the reader types. The form's frame replaces the address instead of adding one for each word, so Back
// leaves the search.
export default class extends Controller {
  static targets = ["form", "input", "results", "status", "summary"]

  connect() {
    this.searched = this.inputTarget.value
    this.inputTarget.setSelectionRange(this.searched.length, this.searched.length)
  }

  disconnect() {
    clearTimeout(this.timer)
  }

  typed(event) {
    clearTimeout(this.timer)
    if (event.isComposing) return
    this.timer = setTimeout(() => this.search(), BEGUN.test(this.inputTarget.value) ? LONG_PAUSE : PAUSE)
  }

  search() {
    if (this.inputTarget.value === this.searched) return
    this.searched = this.inputTarget.value
    this.formTarget.requestSubmit()
  }

  // The earlier results stay.
  failed() {
    this.searched = null
    tell("The search did not work. Wait a moment and try again.")
  }

  // Once it shows results, Turbo visits their address. A reader who has pressed Back in between stays on the way back,
  // which that visit would cancel.
  visiting(event) {
    const { url } = event.detail
    if (url === this.resultsTarget.src && url !== location.href) event.preventDefault()
  }

  // Screen readers tell changes in a region that existed before.
  summaryTargetConnected({ textContent }) {
    if (this.hasStatusTarget) this.statusTarget.textContent = textContent
  }
}
