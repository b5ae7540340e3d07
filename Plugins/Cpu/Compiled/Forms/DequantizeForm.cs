using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>Dequantize of a whole tensor to floats: of quint8 codes by MIN_FIRST; of 8-bit codes of a constant range by SCALED, put off until somebody reads numbers.</summary>
internal sealed class DequantizeForm : IFastForm
{
    public bool IsExact => true;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var numbers = new TensorSource(node.Index, 0);
        bool fits = graph[source].IsStatic && graph[numbers].IsStaticFloat;
        if (!fits)
            return false;
        if (graph[source].Type == DataType.QInt32)
            return TryAddChannels(builder, node);
        if (!RangeAlias.Fits(graph, node, 1) || node.Node.Int("axis") != -1)
            return false;
        if (CodedSource.Of(graph, numbers) is { } coded)
        {
            builder.Defer(numbers, () =>
            {
                PlanBuffer codes = builder.Read(coded.Codes);
                builder.Add(new DequantizeScaledStep(builder.Kernels.Conversions, new(codes, coded), builder.Write(numbers)) { Node = node.Node });
            });
            return true;
        }
        if (graph[source].Type != DataType.QUInt8 || node.Node.Text("mode") != "MIN_FIRST")
            return false;
        PlanBuffer read = builder.Read(source);
        PlanRange range = builder.ReadRange(graph.Input(node, 1), graph.Input(node, 2));
        builder.Add(new DequantizeStep(builder.Kernels.Conversions, read, range, builder.Write(numbers)) { Node = node.Node });
        return true;
    }

    /// <summary>Codes of sums whose ranges an earlier step has found to be constant.</summary>
    private static bool TryAddChannels(PlanBuilder builder, ProgramNode node)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        TensorShape shape = graph[source].Shape;
        int axis = node.Node.Int("axis");
        bool fits = node.Node.Text("mode") == "SCALED" && shape.Rank > 0 && (axis == -1 || axis == shape.Rank - 1)
            && builder.Constant(graph.Input(node, 1)) is not null && builder.Constant(graph.Input(node, 2)) is not null;
        if (!fits)
            return false;
        int count = axis == -1 ? 1 : (int)shape[axis];
        ReadOnlySpan<float> mins = builder.Constant(graph.Input(node, 1))!.AsSpan<float>();
        ReadOnlySpan<float> maxes = builder.Constant(graph.Input(node, 2))!.AsSpan<float>();
        if (axis == -1 ? mins.IsEmpty || maxes.IsEmpty : mins.Length != count || maxes.Length != count)
            return false;
        float[] scales = new float[(int)shape[shape.Rank - 1]];
        for (int c = 0; c < scales.Length; c++)
            scales[c] = Dequantize.Step<int>(new CodeRange(mins[c % count], maxes[c % count]).Flushed, node.Node.Bool("narrow_range"));
        PlanBuffer codes = builder.Read(source);
        builder.Add(new DequantizeChannelsStep(codes, scales, builder.Write(new(node.Index, 0))) { Node = node.Node });
        return true;
    }
}
