using System.Globalization;
using System.Text;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>A table of what a model holds: operators with types, versions and sizes, the arena that a microcontroller needs, and the operators that its resolver must know.</summary>
internal static class ModelDescription
{
    private const int Alignment = 16;

    public static string Of(TfLiteModel model, long bytes)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{bytes} bytes, {model.Subgraphs.Length} subgraphs, {model.Buffers.Sum(buffer => (long)buffer.Length)} bytes of constants\n\n");
        foreach (TfLiteSubgraph graph in model.Subgraphs)
        {
            text.Append(CultureInfo.InvariantCulture, $"{"operator",-28}{"version",-9}{"output",-40}{"type",-10}{"bytes",10}  constants\n");
            foreach (TfLiteOperator op in graph.Operators)
            {
                TfLiteTensor? output = op.Outputs.IsEmpty ? null : graph.Tensors[op.Outputs[0]];
                long constants = op.Inputs.Where(input => input >= 0).Sum(input => (long)model.Buffers[graph.Tensors[input].Buffer].Length);
                text.Append(CultureInfo.InvariantCulture, $"{op.Name,-28}{op.Version,-9}{(output is null ? "" : $"[{string.Join(',', output.Shape)}] {output.Name}"),-40} {output?.Type.Name(),-10}{(output is null ? 0 : Size(output)),9}  {constants}\n");
            }
            text.Append('\n');
        }
        text.Append(CultureInfo.InvariantCulture, $"arena: {model.Subgraphs.Max(graph => Arena(model, graph))} bytes for tensors, at least\n");
        string[] resolver = [.. model.Subgraphs.SelectMany(graph => graph.Operators).Select(op => $"{op.Name} {op.Version}").Distinct().Order(StringComparer.Ordinal)];
        return text.Append(CultureInfo.InvariantCulture, $"resolver: {string.Join(", ", resolver)}\n").ToString();
    }

    /// <summary>The most bytes of tensors that are alive at once.</summary>
    private static long Arena(TfLiteModel model, TfLiteSubgraph graph)
    {
        int count = graph.Operators.Length;
        int[] first = [.. Enumerable.Repeat(-1, graph.Tensors.Length)];
        int[] last = [.. first];
        foreach (int input in graph.Inputs)
            first[input] = last[input] = 0;
        for (int i = 0; i < count; i++)
        {
            foreach (int output in graph.Operators[i].Outputs)
                first[output] = last[output] = i;
            foreach (int input in graph.Operators[i].Inputs.Where(input => input >= 0))
                last[input] = i;
        }
        foreach (int output in graph.Outputs)
            last[output] = count;
        long most = 0;
        for (int i = 0; i <= count; i++)
            most = Math.Max(most, graph.Tensors.Select((tensor, t) => first[t] >= 0 && first[t] <= i && last[t] >= i && !ModelVerifier.IsConstant(model, tensor) ? (Size(tensor) + Alignment - 1) / Alignment * Alignment : 0).Sum());
        return most;
    }

    private static long Size(TfLiteTensor tensor) => tensor.Type.Bytes(tensor.ElementCount);
}
