/**
 * Remembers what had the focus in a list, by its item and control, and gives it back after the rows were made anew: the
 * handle, or the first button, gets it where the control is not there or can do no more.
 * @param {HTMLElement} list @param {HTMLElement} [otherwise] where the list has nothing any more
 */
export function focusPlace(list, otherwise) {
  const element = document.activeElement;
  const row = element?.closest('li');
  if (!(element instanceof HTMLElement) || !row || row.parentElement !== list) return () => {};
  const { item: id } = row.dataset;
  const { role } = element.dataset;
  const index = [...list.children].indexOf(row);
  return () => {
    const same = id && /** @type {HTMLElement[]} */ ([...list.children]).find((one) => one.dataset.item === id);
    const target = same || list.children[Math.min(index, list.children.length - 1)];
    const again = target?.querySelector(`[data-role="${role}"]:enabled`) ?? target?.querySelector('.handle') ?? target?.querySelector('button') ?? otherwise;
    if (again instanceof HTMLElement) again.focus({ preventScroll: true });
  };
}
