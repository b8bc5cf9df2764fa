import { Controller } from "@hotwired/stimulus"
import live from "lib/live"
import ListRegion from "turbo/list_region"

// Keeps a list live, by the page's one connection. Tells others how well that goes (`live-list:state`).
export default class extends Controller {
  static values = { name: String }

  connect() {
    this.region = new ListRegion({ element: this.element, name: this.nameValue, report: this.report })
    live.join(this.region)
  }

  disconnect() {
    live.leave(this.region)
  }

  report = (state) => this.dispatch("state", { detail: { state } })
}
