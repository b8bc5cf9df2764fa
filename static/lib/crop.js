const MOST = 4 // times the size at which the picture fills the square
const STEP = 0.04 // of the square's side, for one key

/**
 * The square shown of a picture: `zoom` from 1, where the shorter side fills the square, to MOST, and the middle of the
 * square in the picture, `x` and `y` from 0 to 1. It never reaches beyond the picture.
 */
export default class Crop {
  zoom = 1
  x = 0.5
  y = 0.5

  constructor(image) {
    this.image = image
  }

  /** Moves by parts of the square's side: 1, 0 moves the picture one square to the right. */
  move(right, down) {
    this.x -= (right * this.side) / this.image.width
    this.y -= (down * this.side) / this.image.height
    this.keepInside()
  }

  /** Moves by one key press; negative numbers go left and up. */
  step(right, down) {
    this.move(right * STEP, down * STEP)
  }

  zoomTo(zoom) {
    this.zoom = Math.min(Math.max(zoom, 1), MOST)
    this.keepInside()
  }

  /** The zoom from 0 to 100, as a slider has it. Each step looks the same to the eye. */
  get level() {
    return Math.round((100 * Math.log(this.zoom)) / Math.log(MOST))
  }

  set level(level) {
    this.zoomTo(MOST ** (level / 100))
  }

  draw(canvas) {
    const { image, side } = this
    const context = canvas.getContext("2d")
    context.fillStyle = "white" // shines through where the picture is transparent
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.imageSmoothingQuality = "high"
    const [left, top] = [this.x * image.width - side / 2, this.y * image.height - side / 2]
    context.drawImage(image, left, top, side, side, 0, 0, canvas.width, canvas.height)
  }

  /** Resolves to a small JPEG of `pixels` on each side. */
  file(pixels) {
    const canvas = Object.assign(document.createElement("canvas"), { width: pixels, height: pixels })
    this.draw(canvas)
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9))
  }

  keepInside() {
    const { image, side } = this
    this.x = between(side / 2 / image.width, this.x)
    this.y = between(side / 2 / image.height, this.y)
  }

  // The side of the square in pixels of the picture.
  get side() {
    return Math.min(this.image.width, this.image.height) / this.zoom
  }
}

function between(margin, value) {
  return Math.min(Math.max(value, margin), 1 - margin)
}
