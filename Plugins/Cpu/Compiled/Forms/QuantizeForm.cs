using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>QuantizeV2 of a whole float tensor: to quint8 codes by MIN_FIRST, to 8-bit codes of a constant range by SCALED.</summary>
internal sealed class QuantizeForm : IFastForm
{
    public bool IsExact => true;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var codes = new TensorSource(node.Index, 0);
        bool fits = graph[source].IsStaticFloat && graph[codes].IsStatic && RangeAlias.Fits(graph, node, 1) && node.Node.Int("axis") == -1;
        if (!fits)
            return false;
        if (ScaledCodes.Quantization(graph, node) is { } scaled)
        {
            PlanBuffer numbers = builder.Read(source);
            builder.Add(new QuantizeScaledStep(builder.Kernels.Conversions, numbers, builder.Write(codes), scaled.Scaling) { Node = node.Node });
            builder.SetConstant(codes with { Port = 1 }, Tensor.Scalar(scaled.Range.Min));
            builder.SetConstant(codes with { Port = 2 }, Tensor.Scalar(scaled.Range.Max));
            return true;
        }
        if (graph[codes].Type != DataType.QUInt8 || QuantizationMode.Of(node.Node).Mode != "MIN_FIRST")
            return false;
        PlanBuffer read = builder.Read(source);
        PlanRange given = builder.ReadRange(graph.Input(node, 1), graph.Input(node, 2));
        PlanBuffer target = builder.Write(codes);
        PlanRange result = builder.WriteRange(codes with { Port = 1 }, codes with { Port = 2 });
        builder.Add(new QuantizeStep(builder.Kernels.Conversions, read, given, node.Node.Float("ensure_minimum_range"), target, result) { Node = node.Node });
        return true;
    }
}
