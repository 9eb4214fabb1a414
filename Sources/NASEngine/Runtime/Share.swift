/// Part `index` of `count` nearly equal parts.
struct Share: Sendable {
    let index: Int
    let count: Int

    /// The part of `0..<total`, as its ends.
    func range(of total: Int) -> (start: Int, end: Int) {
        (total * index / count, total * (index + 1) / count)
    }
}
