/// A forest of extremely randomised regression trees.
///
/// Source: Geurts, Ernst and Wehenkel, "Extremely randomized trees", Machine Learning 63 (2006): all data in
/// every tree; at each node the best of several random cuts.
struct RegressionForest {
    private struct Node {
        /// The coordinate and the limit below which the left child follows; -1 for a leaf.
        var coordinate = -1
        var limit = 0.0
        var left = 0
        var right = 0
        var value = 0.0
    }

    private let trees: [[Node]]
    private static let smallestSplit = 3

    /// - Parameters:
    ///   - points: at least one point.
    ///   - targets: one number each.
    init(
        _ points: [[Double]], _ targets: [Double], trees count: Int, random: RandomStream
    ) {
        trees = (0..<count).map { tree in
            var random = random.derived("tree", UInt64(tree))
            var nodes: [Node] = []
            Self.grow(&nodes, Array(points.indices), points, targets, &random)
            return nodes
        }
    }

    @discardableResult
    private static func grow(
        _ nodes: inout [Node], _ rows: [Int], _ points: [[Double]], _ targets: [Double],
        _ random: inout RandomStream
    ) -> Int {
        let number = nodes.count
        nodes.append(Node())
        var sum = 0.0
        for row in rows { sum += targets[row] }
        nodes[number].value = sum / Double(rows.count)
        guard rows.count >= smallestSplit,
            let cut = bestCut(rows, points, targets, sum, &random)
        else { return number }
        let left = rows.filter { points[$0][cut.coordinate] < cut.limit }
        let right = rows.filter { points[$0][cut.coordinate] >= cut.limit }
        nodes[number].coordinate = cut.coordinate
        nodes[number].limit = cut.limit
        nodes[number].left = grow(&nodes, left, points, targets, &random)
        nodes[number].right = grow(&nodes, right, points, targets, &random)
        return number
    }

    /// Of one random cut for each coordinate that varies the one that explains most; nil if none does.
    private static func bestCut(
        _ rows: [Int], _ points: [[Double]], _ targets: [Double], _ sum: Double,
        _ random: inout RandomStream
    ) -> (coordinate: Int, limit: Double)? {
        var best: (coordinate: Int, limit: Double)?
        var most = sum * sum / Double(rows.count) * (1 + 1e-12) + 1e-300
        for coordinate in points[rows[0]].indices {
            var (low, high) = (Double.infinity, -Double.infinity)
            for row in rows {
                low = min(low, points[row][coordinate])
                high = max(high, points[row][coordinate])
            }
            guard low < high else { continue }
            let limit = high - (high - low) * random.uniform()
            var (left, count) = (0.0, 0)
            for row in rows where points[row][coordinate] < limit {
                left += targets[row]
                count += 1
            }
            guard count > 0 else { continue }
            let right = sum - left
            let explained =
                left * left / Double(count) + right * right / Double(rows.count - count)
            if explained > most { (best, most) = ((coordinate, limit), explained) }
        }
        return best
    }

    /// What each tree predicts at a point.
    func predictions(_ point: [Double]) -> [Double] {
        trees.map { nodes in
            var node = nodes[0]
            while node.coordinate >= 0 {
                node = nodes[point[node.coordinate] < node.limit ? node.left : node.right]
            }
            return node.value
        }
    }
}
