using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Inspection;

/// <summary>
/// Places nodes in rows along the flow: the row of a node is one below its lowest producer, nodes of a row are ordered by the mean place of their neighbours (K. Sugiyama, S. Tagawa, M. Toda, 1981).
/// </summary>
internal sealed class LayeredLayout
{
    private const int Sweeps = 8;
    private readonly Graph graph;
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);

    /// <param name="graph">The graph; nodes in any order.</param>
    public LayeredLayout(Graph graph)
    {
        this.graph = graph;
        var rows = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Node node in Toolkit.Classic.ExecutionOrder.Sort(Closed()).Nodes)
            rows[node.Name] = Sources(node).Select(source => rows.GetValueOrDefault(source, -1) + 1).DefaultIfEmpty(0).Max();
        Rows = [.. graph.Nodes.GroupBy(node => rows.GetValueOrDefault(node.Name)).OrderBy(row => row.Key).Select(row => row.ToArray())];
        for (int sweep = 0; sweep < Sweeps; sweep++)
            Order(isDownward: sweep % 2 == 0);
    }

    /// <summary>The nodes row by row, from left to right.</summary>
    public Node[][] Rows { get; }

    /// <summary>The producers that the graph has.</summary>
    public IEnumerable<string> Sources(Node node) => node.Inputs.Select(input => input.Node).Where(input => graph.TryFind(input, out _)).Distinct(StringComparer.Ordinal);

    private Graph Closed() => graph.WithNodes([.. graph.Nodes.Select(node => node with { Inputs = [.. node.Inputs.Where(input => graph.TryFind(input.Node, out _))] })]);

    private void Order(bool isDownward)
    {
        foreach (Node[] row in Rows)
            Remember(row);
        foreach (Node[] row in isDownward ? Rows : Rows.Reverse())
        {
            double[] means = [.. row.Select(node => Neighbours(node, isDownward).Select(name => (double)places[name]).DefaultIfEmpty(places[node.Name]).Average())];
            Array.Sort(means, row);
            Remember(row);
        }
    }

    private IEnumerable<string> Neighbours(Node node, bool isDownward) => isDownward ? Sources(node) : graph.ConsumersOf(node).Select(consumer => consumer.Node.Name);

    private void Remember(Node[] row)
    {
        for (int i = 0; i < row.Length; i++)
            places[row[i].Name] = i * 2 - row.Length;
    }
}
