/**
 * The result of a task, or `otherwise` where it fails, with what failed noted in words: one source of evidence that
 * cannot be used never takes the others down.
 */
export async function attempt<T>(
  name: string,
  task: () => Promise<T>,
  onFailure: { readonly problems: string[]; readonly otherwise: T },
): Promise<T> {
  try {
    return await task()
  } catch (error) {
    onFailure.problems.push(
      `${name} could not be used: ${error instanceof Error ? error.message : String(error)}`,
    )
    return onFailure.otherwise
  }
}
