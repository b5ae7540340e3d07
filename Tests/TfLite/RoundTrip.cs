using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.TfLite;

/// <summary>Models that are read, written, and read again.</summary>
internal static class RoundTrip
{
    /// <summary>What becomes of a model: <c>same</c>, <c>equal</c>, <c>refused</c> with the id, or <c>differs</c>.</summary>
    public static string Judge(OracleCase test, ModelContent first, bool hasOutputs)
    {
        try
        {
            ModelContent second = ModelRun.Read(TfLiteFormat.Encode(first, new ModelWriteOptions(), CancellationToken.None));
            if (hasOutputs && test.Compare(first) is null && test.Compare(second) is not null)
                return "differs";
            return AreEqual(first, second, out _) ? "same" : "equal";
        }
        catch (ModelFormatException error)
        {
            return $"refused {error.DiagnosticId}";
        }
    }

    /// <summary>Compares what the outputs compute, whatever inner nodes are called; shape and order of functions included.</summary>
    public static bool AreEqual(ModelContent one, ModelContent other, out string difference)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        string? found = null;
        if (one.Signature!.Outputs.Length != other.Signature!.Outputs.Length)
            found = "other outputs";
        foreach (var (left, right) in one.Signature.Outputs.Zip(other.Signature.Outputs))
            found ??= Compare(one.Graph, other.Graph, new(left.Tensor), new(right.Tensor), pairs);
        difference = found ?? "";
        return found is null;
    }

    private static string? Compare(Graph one, Graph other, NodeInput left, NodeInput right, Dictionary<string, string> pairs)
    {
        var open = new Stack<(NodeInput, NodeInput)>([(left, right)]);
        while (open.TryPop(out var pair))
        {
            (left, right) = pair;
            if (left.Port != right.Port)
                return $"{left} / {right}";
            if (pairs.TryGetValue(left.Node, out string? known))
            {
                if (known != right.Node)
                    return $"{left} is {known} and {right}";
                continue;
            }
            pairs[left.Node] = right.Node;
            Node a = one.Find(left.Node)!;
            Node b = other.Find(right.Node)!;
            if (a.Op != b.Op || a.Inputs.Length != b.Inputs.Length)
                return $"{a} / {b}";
            if (a.Op == "Const" ? !a.TensorAttribute("value")!.ContentEquals(b.TensorAttribute("value")!) : a.Op is not ("StatelessWhile" or "StatelessIf" or "PartitionedCall") && !a.Attributes.Equals(b.Attributes))
                return a.Op == "Const" ? $"{a.Name} {Show(a)} / {b.Name} {Show(b)}" : $"{a} {string.Join(' ', a.Attributes.Select(e => e.Key))} / {b}";
            foreach (var (x, y) in a.DataInputs.Zip(b.DataInputs))
                open.Push((x, y));
        }
        return null;
    }

    private static string Show(Node node) => $"{node.TensorAttribute("value")} {Convert.ToHexString(node.TensorAttribute("value")!.Bytes.Span[..Math.Min(16, node.TensorAttribute("value")!.Bytes.Length)])}";
}
