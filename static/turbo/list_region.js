import Region from "./region.js"

const STEP = 2 ** 28 // one change of the list itself weighs more than all heads together

/**
 * A list of the *heads* of other pages: the element with `data-lists`, which is `element` or lies in it. Each head
 * (`data-head`) has the revision at which it last changed, and the list has one for the changes of the list itself. The
 * cursor is their sum, taken from the page each time: a head that did not arrive is missing in it, whatever came later.
 *
 * It has no address of its own, so it is live only by the address for all regions of the page.
 */
export default class ListRegion extends Region {
  // The same list with other heads has no higher revision.
  startsAnew() {
    return true
  }

  // A whole list brings its own revision.
  moveTo(position, full) {
    if (!full) this.list.dataset.revision = Math.floor(position / STEP)
  }

  get cursor() {
    const { list } = this
    const heads = [...list.querySelectorAll("[data-head]")]
    return heads.reduce((sum, { dataset }) => sum + Number(dataset.revision), Number(list.dataset.revision) * STEP)
  }

  get list() {
    return this.element.matches("[data-lists]") ? this.element : this.element.querySelector("[data-lists]")
  }

  get url() {
    return null
  }
}
