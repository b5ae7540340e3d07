using System.Collections.Immutable;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>Puts drafts together: numbers of tensors, buffers (equal ones once), versions, metadata.</summary>
internal sealed class ModelAssembly
{
    private const int RuntimeVersionLength = 16;

    private readonly List<ReadOnlyMemory<byte>> buffers = [default];
    private readonly Dictionary<string, int> known = new(StringComparer.Ordinal);

    /// <summary>The model of finished drafts.</summary>
    /// <param name="subgraphs">The subgraphs; the first is the main one.</param>
    /// <param name="signature">Name of the signature.</param>
    /// <param name="inputs">Public names of the inputs.</param>
    /// <param name="outputs">Public names of the outputs.</param>
    public static TfLiteModel Build(IReadOnlyList<SubgraphDraft> subgraphs, string signature, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs)
    {
        var assembly = new ModelAssembly();
        var built = subgraphs.Select(assembly.Subgraph).ToImmutableArray();
        string runtime = subgraphs.SelectMany(graph => graph.Operators).Select(op => OperatorVersions.Runtime(op.Name, OperatorVersions.Of(op))).Where(version => version.Length > 0)
            .Select(Version.Parse).Append(new Version(1, 5, 0)).Max()!.ToString();
        byte[] text = new byte[RuntimeVersionLength];
        Encoding.ASCII.GetBytes(runtime).CopyTo(text, 0);
        assembly.buffers.Add(text);
        TfLiteSubgraph main = built[0];
        return new(built, [.. assembly.buffers])
        {
            Description = "TransformFramework",
            Metadata = [("min_runtime_version", assembly.buffers.Count - 1)],
            Signatures = [new(signature, 0, [.. inputs.Zip(main.Inputs)], [.. outputs.Zip(main.Outputs)])],
        };
    }

    private TfLiteSubgraph Subgraph(SubgraphDraft draft)
    {
        var numbers = new Dictionary<TensorDraft, int>();
        var tensors = new List<TensorDraft>();
        foreach (TensorDraft tensor in draft.Inputs.Concat(draft.Operators.SelectMany(op => op.Inputs.OfType<TensorDraft>().Concat(op.Outputs))).Concat(draft.Outputs))
        {
            if (numbers.TryAdd(tensor, tensors.Count))
                tensors.Add(tensor);
        }
        return new(draft.Name, [.. tensors.Select(Tensor)], [.. draft.Inputs.Select(input => numbers[input])], [.. draft.Outputs.Select(output => numbers[output])],
            [.. draft.Operators.Select(op => new TfLiteOperator(op.Schema, OperatorVersions.Of(op), [.. op.Inputs.Select(input => input is null ? -1 : numbers[input])], [.. op.Outputs.Select(output => numbers[output])], op.Options) { CustomCode = op.CustomCode, CustomOptions = op.CustomOptions })]);
    }

    private TfLiteTensor Tensor(TensorDraft draft) => new(draft.Name, draft.Type, [.. draft.Shape])
    {
        ShapeSignature = draft.Constant is null ? draft.Signature : [],
        Buffer = draft.Constant is { } constant ? Buffer(constant) : 0,
        Quantization = draft.Quantization,
    };

    private int Buffer(Tensor constant)
    {
        ReadOnlyMemory<byte> bytes = constant.Type == DataType.String ? Strings(constant) : constant.Bytes;
        string key = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes.Span));
        if (known.TryGetValue(key, out int number))
            return number;
        buffers.Add(bytes);
        return known[key] = buffers.Count - 1;
    }

    private static byte[] Strings(Tensor constant)
    {
        var strings = constant.Strings;
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(strings.Length);
        int at = 4 + (4 * (strings.Length + 1));
        writer.Write(at);
        foreach (ReadOnlyMemory<byte> text in strings)
            writer.Write(at += text.Length);
        foreach (ReadOnlyMemory<byte> text in strings)
            writer.Write(text.Span);
        writer.Flush();
        return bytes.ToArray();
    }
}
