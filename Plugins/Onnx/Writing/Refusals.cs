using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Onnx.Writing;

/// <summary>Words for what cannot be written, with the cut behind which the rest can be.</summary>
internal static class Refusals
{
    public static string ReasonOf(string op) => op switch
    {
        "Placeholder" => "it is read, but is not among the inputs",
        "DecodeWav" or "AudioSpectrogram" or "Mfcc" => "ONNX has no operators for audio files and their features",
        _ when op.Contains("String", StringComparison.Ordinal) || op is "AsString" or "ParseExample" or "ParseExampleV2" or "DecodeRaw" => "ONNX has no operator for text",
        _ when op.StartsWith("Sparse", StringComparison.Ordinal) => "ONNX has no sparse operators",
        _ when op.StartsWith("Iterator", StringComparison.Ordinal) => "data pipelines are not part of a model",
        _ => "ONNX has no operator of its meaning that is written here",
    };

    /// <summary>The error for a node, naming the nearest tensors behind it that the model could begin at.</summary>
    public static ModelFormatException Of(Graph graph, Node node, ModelFormatException error)
    {
        string cut = string.Join(",", Cut(graph, node));
        string suggestion = cut.Length > 0 ? $"Begin the model behind it: --inputs={cut}." : "Name outputs before it, or transform the graph so that it is gone (strip_unused_nodes, fold_constants, remove_nodes).";
        return new(OnnxDiagnostics.NotWritten.Format(node.Name, node.Op, error.Message), error) { DiagnosticId = OnnxDiagnostics.NotWritten.Id, Suggestion = suggestion };
    }

    /// <summary>The last nodes, on the way to the outputs, of the kind that is not written.</summary>
    private static IEnumerable<string> Cut(Graph graph, Node node)
    {
        var found = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<Node>([node]);
        while (open.TryPop(out Node? next))
        {
            if (!seen.Add(next.Name))
                continue;
            Node[] unwritten = [.. graph.ConsumersOf(next).Select(consumer => consumer.Node).Where(consumer => !Operators.Registration.Writers.ContainsKey(consumer.Op))];
            if (unwritten.Length == 0)
                found.Add(next.Name);
            foreach (Node consumer in unwritten)
                open.Push(consumer);
        }
        return found.Order(StringComparer.Ordinal).Take(8);
    }
}
