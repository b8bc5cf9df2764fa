import { inFull } from "lib/moments"
import LocalTimeController from "controllers/local_time_controller"

// Words such as "edited", whose title says when, in the reader's own zone and language.
export default class extends LocalTimeController {
  show = () => {
    this.element.title = inFull(new Date(this.element.dateTime))
  }
}
