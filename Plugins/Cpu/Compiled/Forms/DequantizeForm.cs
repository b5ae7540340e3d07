using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>Dequantize of a whole quint8 tensor by MIN_FIRST to floats.</summary>
internal sealed class DequantizeForm : IFastForm
{
    public bool IsExact => true;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var numbers = new TensorSource(node.Index, 0);
        bool fits = graph[source] is { IsStatic: true, Type: DataType.QUInt8 } && graph[numbers].IsStaticFloat && RangeAlias.Fits(graph, node, 1)
            && node.Node.Text("mode") == "MIN_FIRST" && node.Node.Int("axis") == -1;
        if (!fits)
            return false;
        PlanBuffer read = builder.Read(source);
        PlanRange range = builder.ReadRange(graph.Input(node, 1), graph.Input(node, 2));
        builder.Add(new DequantizeStep(builder.Kernels.Conversions, read, range, builder.Write(numbers)) { Node = node.Node });
        return true;
    }
}
