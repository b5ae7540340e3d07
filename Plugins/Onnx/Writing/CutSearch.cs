using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>Finds the nearest tensors behind what ONNX lacks that a model can begin at, by trying.</summary>
internal sealed class CutSearch(ModelContent content, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, int opset, CancellationToken cancellation)
{
    /// <summary>How many nodes are found unwritable one after the other before the search ends.</summary>
    private const int MostAttempts = 32;

    private readonly Graph graph = content.Graph;
    private readonly HashSet<string> given = [.. inputs.Select(input => new NodeInput(input).Canonical)];

    /// <summary>Inputs with which the model can be written, the model's own among them as far as they are read; empty when there are none.</summary>
    /// <param name="refused">The node that cannot be written.</param>
    public string[] Behind(Node refused)
    {
        var unwritten = new HashSet<string>(StringComparer.Ordinal) { refused.Name };
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            if (Cut(unwritten) is not { Length: > 0 } cut)
                return [];
            var context = new WriteContext(graph, opset, cancellation);
            try
            {
                ModelWriter.Write(content, context, cut, outputs, channelsFirst: false);
                return cut;
            }
            catch (ModelFormatException error) when (error.DiagnosticId == OnnxDiagnostics.NotWritten.Id && context.Current is { } next && unwritten.Add(next.Name))
            {
            }
            catch (ModelFormatException)
            {
                return [];
            }
        }
        return [];
    }

    /// <summary>The tensors of unwritable nodes, and the inputs, that are met first on the way back from the outputs; null when an output itself is one.</summary>
    private string[]? Cut(HashSet<string> unwritten)
    {
        var cut = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<NodeInput>(outputs.Select(output => new NodeInput(output)));
        while (open.TryPop(out NodeInput tensor))
        {
            if (!seen.Add(tensor.Canonical))
                continue;
            if (graph.Find(tensor.Node) is not { } node)
                return null;
            if (given.Contains(tensor.Canonical))
            {
                cut.Add(tensor.Port == 0 ? tensor.Node : tensor.Text);
                continue;
            }
            if (IsUnwritten(node, unwritten))
            {
                if (outputs.Any(output => new NodeInput(output).Canonical == tensor.Canonical))
                    return null;
                cut.Add(tensor.Port == 0 ? tensor.Node : tensor.Text);
                continue;
            }
            if (Needed(node) is not { } needed)
            {
                unwritten.Add(node.Name);
                return Cut(unwritten);
            }
            foreach (NodeInput input in needed)
            {
                if (!given.Contains(input.Canonical) && graph.Find(input.Node) is { } producer && IsUnwritten(producer, unwritten) && ElementTypes.Of(ModelWriter.TypeOf(producer, input.Port)) == 0)
                {
                    unwritten.Add(node.Name);
                    return Cut(unwritten);
                }
                open.Push(input);
            }
        }
        return [.. cut.Order(StringComparer.Ordinal)];
    }

    /// <summary>What a node needs; null when it belongs to a loop or conditional that is none.</summary>
    private NodeInput[]? Needed(Node node)
    {
        try
        {
            return [.. WriteOrder.Dependencies(graph, node)];
        }
        catch (ModelFormatException error) when (error.DiagnosticId == OnnxDiagnostics.Declined.Id)
        {
            return null;
        }
    }

    private static bool IsUnwritten(Node node, HashSet<string> unwritten) => unwritten.Contains(node.Name) || !OpWriters.ByOp.ContainsKey(node.Op);
}
