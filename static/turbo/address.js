const DETOUR = 60_000 // ms

/**
 * Where the page's connection leads: to the address of <meta name="stream-address">, with the name and the cursor of each
 * region (/stream?post:7=43&user:4=118), or where there is no such element, to that of the region with one of its own.
 */
export default class Address {
  constructor(regions) {
    this.regions = regions
  }

  /** Takes the seconds for `wait` and `beat`, if any. Returns null where no region can be live. */
  of = (wait, beat) => {
    const url = this.shared ?? this.alone?.url
    if (!url) return null
    if (beat !== undefined) url.searchParams.set("beat", beat)
    if (wait !== undefined) url.searchParams.set("wait", wait)
    return url.href
  }

  /**
   * The server does not know the address for all: it may be of an earlier release, in the middle of a deploy. For a minute
   * one region is live by its own address. Then calls `back()`.
   */
  avoid(back) {
    if (!this.shared || !this.alone) return
    this.detour = setTimeout(() => {
      this.detour = null
      back()
    }, DETOUR)
  }

  get shared() {
    const path = document.querySelector("meta[name=stream-address]")?.content
    const named = [...this.regions].filter((region) => region.name)
    if (!path || named.length === 0 || (this.detour && this.alone)) return null
    const url = new URL(path, location.href)
    for (const { name, cursor } of named) url.searchParams.set(name, cursor)
    return url
  }

  /** The region that the address of one stream is about. */
  get alone() {
    return [...this.regions].find((region) => region.url)
  }
}
