using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using Xunit.Abstractions;

namespace TransformFramework.TfLite;

/// <summary>Models that are read, written, and read again.</summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Survey()
    {
        string? folder = SharedFiles.Find("oracle-tflite");
        Skip.If(folder is null, "oracle-tflite is missing");
        string filter = Environment.GetEnvironmentVariable("TFLITE_CASES") ?? "";
        var lines = new List<string>();
        int total = 0, good = 0, same = 0;
        string target = Directory.CreateDirectory("/tmp/tflite_rt").FullName;
        foreach (var (name, hasOutputs) in OracleCase.Index(folder!).Where(entry => entry.Name.Contains(filter, StringComparison.Ordinal)))
        {
            ModelContent first;
            try
            {
                first = ModelRun.Read(Path.Combine(folder!, name + ".tflite"));
            }
            catch (ModelFormatException)
            {
                continue;
            }
            total++;
            try
            {
                byte[] bytes = TfLiteFormat.Encode(first, new ModelWriteOptions(), CancellationToken.None);
                string path = Path.Combine(target, name.Replace('/', '+') + ".tflite");
                File.WriteAllBytes(path, bytes);
                ModelContent second = ModelRun.Read(path);
                bool isSame = AreEqual(first, second, out string difference);
                string? wrong = hasOutputs ? new OracleCase(name, folder!).Compare(allFeeds: false, second) : null;
                if (wrong is null)
                    good++;
                if (isSame)
                    same++;
                if (wrong is not null || !isSame)
                    lines.Add($"{name}\t{(isSame ? "same" : "other")}\t{wrong ?? "equal"}\t{difference}");
            }
            catch (ModelFormatException error)
            {
                lines.Add($"{name}\trefused\t{error.Message}");
            }
            catch (Exception error)
            {
                lines.Add($"{name}\tfailed\t{error.GetType().Name} {error.Message.Split('\n')[0]} {error.StackTrace?.Split('\n')[0]}");
            }
        }
        File.WriteAllLines("/tmp/tflite_roundtrip.txt", lines);
        output.WriteLine($"{good} of {total} compute the same, {same} are the same graph");
    }

    /// <summary>Compares what the outputs compute, whatever inner nodes are called; shape and order of functions included.</summary>
    private static bool AreEqual(ModelContent one, ModelContent other, out string difference)
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
