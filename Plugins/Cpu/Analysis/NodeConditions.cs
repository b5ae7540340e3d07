using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Analysis;

/// <summary>
/// Which nodes run under the same conditions. Sources are the nodes that decide whether and when others run, and those whose place in the order of a run matters: control flow, what has state,
/// unknown ops. Two nodes with the same sources before them are alive in the same runs and iterations, and no way from one to the other leads through nodes with other sources: for sources
/// only grow in number along the edges. So they can run as one.
/// </summary>
internal sealed class NodeConditions
{
    /// <summary>The group of a node that is a source itself, or that no run reaches.</summary>
    public const int None = -1;

    private readonly GraphAnalysis analysis;
    private readonly List<HashSet<int>> sets = [[]];
    private readonly Dictionary<HashSet<int>, int> numbers = new(HashSet<int>.CreateSetComparer());
    private readonly Dictionary<(int, int), int> unions = [];

    private NodeConditions(GraphAnalysis analysis)
    {
        this.analysis = analysis;
        numbers.Add(sets[0], 0);
    }

    /// <summary>A number for each node; nodes with the same number have the same sources before them.</summary>
    public static int[] Group(GraphAnalysis analysis) => new NodeConditions(analysis).Group();

    private int[] Group()
    {
        int[] groups = new int[analysis.Nodes.Length];
        int[] pending = new int[analysis.Nodes.Length];
        var ready = new Stack<AnalyzedNode>();
        foreach (AnalyzedNode node in analysis.Nodes)
        {
            bool isSource = IsSource(node);
            groups[node.Index] = isSource ? None : 0;
            pending[node.Index] = isSource ? 0 : node.DataInputs + node.ControlInputs;
            if (pending[node.Index] == 0)
                ready.Push(node);
        }
        while (ready.TryPop(out var node))
        {
            foreach (AnalyzedEdge edge in node.Edges)
            {
                if (groups[edge.Consumer] == None)
                    continue;
                groups[edge.Consumer] = Union(groups[edge.Consumer], groups[node.Index] == None ? Number([Token(node, edge)]) : groups[node.Index]);
                if (--pending[edge.Consumer] == 0)
                    ready.Push(analysis.Nodes[edge.Consumer]);
            }
        }
        for (int i = 0; i < groups.Length; i++)
            groups[i] = pending[i] > 0 ? None : groups[i];
        return groups;
    }

    private static bool IsSource(AnalyzedNode node) => node.Kind switch
    {
        NodeKind.Constant or NodeKind.Feed or NodeKind.Placeholder => false,
        NodeKind.Kernel => OpTable.Find(node.Node.Op) is not { IsStateful: false },
        _ => true,
    };

    /// <summary>Tells sources apart; the two branches of a Switch, and what only waits for it, are three.</summary>
    private static int Token(AnalyzedNode source, AnalyzedEdge edge)
    {
        int branch = edge.IsControl ? 2 : Math.Min(edge.Port, 1);
        return (source.Index * 3) + (source.Kind == NodeKind.Switch ? branch : 0);
    }

    private int Union(int first, int second)
    {
        if (first == second || second == 0)
            return first;
        if (first == 0)
            return second;
        if (!unions.TryGetValue((first, second), out int union))
            unions.Add((first, second), union = Number([.. sets[first], .. sets[second]]));
        return union;
    }

    private int Number(HashSet<int> set)
    {
        if (numbers.TryGetValue(set, out int number))
            return number;
        sets.Add(set);
        numbers.Add(set, sets.Count - 1);
        return sets.Count - 1;
    }
}
