using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Graphs;

/// <summary>The loop frame that each node runs in: <c>""</c> outside loops, else the frame names from outermost to innermost, each followed by a newline.</summary>
public static class LoopFrames
{
    private const char Separator = '\n';

    /// <summary>Frames by node name, none for a graph without loops. A node whose inputs are in several frames is listed in <paramref name="mixed"/>.</summary>
    public static Dictionary<string, string> Of(Graph graph, out List<string> mixed)
    {
        var frames = new Dictionary<string, string>(StringComparer.Ordinal);
        var found = new List<string>();
        mixed = found;
        if (!graph.Nodes.Any(IsEnter))
            return frames;
        var ready = new Queue<Node>();
        foreach (Node node in graph.Nodes)
        {
            if (!node.Inputs.IsEmpty)
                continue;
            frames[node.Name] = "";
            ready.Enqueue(node);
        }
        while (ready.TryDequeue(out var node))
        {
            string outside = OutputFrame(node, frames[node.Name]);
            foreach (Consumer consumer in graph.ConsumersOf(node))
            {
                if (frames.TryAdd(consumer.Node.Name, outside))
                    ready.Enqueue(consumer.Node);
                else if (frames[consumer.Node.Name] != outside)
                    found.Add(consumer.Node.Name);
            }
        }
        return frames;
    }

    private static bool IsEnter(Node node) => node.Op is "Enter" or "RefEnter";

    private static string OutputFrame(Node node, string frame) => node.Op switch
    {
        "Enter" or "RefEnter" => frame + node.String("frame_name", "") + Separator,
        "Exit" or "RefExit" => frame.Length == 0 ? "" : frame[..(frame.LastIndexOf(Separator, Math.Max(0, frame.Length - 2)) + 1)],
        _ => frame,
    };
}
