using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>QuantizeV2 of a whole float tensor to quint8 codes by MIN_FIRST.</summary>
internal sealed class QuantizeForm : IFastForm
{
    public bool IsExact => true;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var codes = new TensorSource(node.Index, 0);
        bool fits = graph[source].IsStaticFloat && graph[codes] is { IsStatic: true, Type: DataType.QUInt8 } && RangeAlias.Fits(graph, node, 1)
            && QuantizationMode.Of(node.Node).Mode == "MIN_FIRST" && node.Node.Int("axis") == -1;
        if (!fits)
            return false;
        PlanBuffer read = builder.Read(source);
        PlanRange given = builder.ReadRange(graph.Input(node, 1), graph.Input(node, 2));
        PlanBuffer target = builder.Write(codes);
        PlanRange result = builder.WriteRange(new(node.Index, 1), new(node.Index, 2));
        builder.Add(new QuantizeStep(builder.Kernels.Conversions, read, given, node.Node.Float("ensure_minimum_range"), target, result) { Node = node.Node });
        return true;
    }
}
