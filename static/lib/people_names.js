/** The title of a direct chat for one of its `people`, pairs of id and name: "Bob, Carol". */
export function titleOf(people, readerId) {
  return people.filter(([id]) => id !== readerId).map(([, name]) => name).join(", ")
}

/** The title of a chat in the list as its reader sees it. */
export function shownTitle(element, readerId) {
  const people = [...element.querySelectorAll("[data-person-id]")]
  if (people.length === 0) return element.textContent
  return titleOf(people.map((person) => [Number(person.dataset.personId), person.querySelector("bdi").textContent]), readerId)
}
