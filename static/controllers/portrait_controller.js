import { Controller } from "@hotwired/stimulus"
import Crop from "lib/crop"

const SENT = 384 // pixels of each side; the server makes it smaller
const ZOOM = { "+": 8, "=": 8, "-": -8, "−": -8, _: -8 } // levels of the slider
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const UNREADABLE = "This browser can't show the file as a picture. Choose a JPEG, PNG, GIF or WebP file."

// Lets people choose which part of a picture others see. The choice goes with the form that the page has anyway.
export default class extends Controller {
  static targets = ["form", "file", "error", "dialog", "canvas", "preview", "zoom"]

  pointers = new Map()

  disconnect() {
    if (this.dialogTarget.open) this.dialogTarget.close()
  }

  async choose() {
    const [file] = this.fileTarget.files
    this.say("")
    if (!file) return
    try {
      this.crop = new Crop(await createImageBitmap(file, { imageOrientation: "from-image" }))
    } catch {
      return this.refuse()
    }
    this.draw()
    this.dialogTarget.showModal()
    this.canvasTarget.focus()
  }

  refuse() {
    this.fileTarget.value = ""
    this.say(UNREADABLE)
  }

  say(words) {
    this.errorTarget.textContent = words
    this.errorTarget.hidden = words === ""
  }

  grab(event) {
    this.canvasTarget.setPointerCapture(event.pointerId)
    this.pointers.set(event.pointerId, event)
  }

  // One finger moves the picture, and two make it larger and smaller.
  drag(event) {
    const last = this.pointers.get(event.pointerId)
    if (!last) return
    const apart = this.apart
    this.pointers.set(event.pointerId, event)
    const { width, height } = this.canvasTarget.getBoundingClientRect()
    const share = this.pointers.size
    this.crop.move((event.clientX - last.clientX) / width / share, (event.clientY - last.clientY) / height / share)
    if (apart) this.crop.zoomTo((this.crop.zoom * this.apart) / apart)
    this.draw()
  }

  release({ pointerId }) {
    this.pointers.delete(pointerId)
  }

  // The pixels between two fingers; 0 unless there are two.
  get apart() {
    const [one, other] = this.pointers.values()
    return this.pointers.size === 2 ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0
  }

  wheel(event) {
    event.preventDefault()
    this.crop.zoomTo(this.crop.zoom * Math.exp(-event.deltaY / 500))
    this.draw()
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key in MOVES) this.crop.step(...MOVES[event.key])
    else if (event.key in ZOOM) this.crop.level += ZOOM[event.key]
    else return
    event.preventDefault()
    this.draw()
  }

  zoom() {
    this.crop.level = Number(this.zoomTarget.value)
    this.draw()
  }

  draw() {
    this.crop.draw(this.canvasTarget)
    this.crop.draw(this.previewTarget)
    this.zoomTarget.value = this.crop.level
  }

  async save() {
    const blob = await this.crop.file(SENT)
    const chosen = new DataTransfer()
    chosen.items.add(new File([blob], "portrait.jpg", { type: blob.type }))
    this.fileTarget.files = chosen.files
    this.saving = true
    this.dialogTarget.close()
    this.formTarget.requestSubmit()
  }

  cancel() {
    this.dialogTarget.close()
  }

  // Runs after Escape as well. The same file can then be chosen again.
  closed() {
    this.pointers.clear()
    if (!this.saving) this.fileTarget.value = ""
    this.saving = false
    this.fileTarget.focus()
  }
}
