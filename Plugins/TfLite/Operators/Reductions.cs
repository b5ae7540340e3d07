using System.Collections.Frozen;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>Reductions over the axes of a second input: <c>MEAN(x, axes) {keep_dims}   ↔   Mean(x, axes) {keep_dims}</c>; ARG_MAX and ARG_MIN over one.</summary>
[OperatorConverter("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "REDUCE_ANY", "REDUCE_ALL", "ARG_MAX", "ARG_MIN", Nodes = ["Mean", "Sum", "Max", "Min", "Prod", "Any", "All", "ArgMax", "ArgMin"])]
internal sealed class Reductions : OperatorConverter
{
    public static readonly FrozenDictionary<string, string> Nodes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["MEAN"] = "Mean",
        ["SUM"] = "Sum",
        ["REDUCE_MAX"] = "Max",
        ["REDUCE_MIN"] = "Min",
        ["REDUCE_PROD"] = "Prod",
        ["REDUCE_ANY"] = "Any",
        ["REDUCE_ALL"] = "All",
        ["ARG_MAX"] = "ArgMax",
        ["ARG_MIN"] = "ArgMin",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public override void Read(OperatorReader op)
    {
        if (op.Name is "ARG_MAX" or "ARG_MIN")
            op.Result(op.Node(Nodes[op.Name], [op.Real(0), op.Stored(1)], ("output_type", op.Output().Tensor.Type.ToGraph())));
        else
            op.Result(op.Node(Nodes[op.Name], [op.Real(0), op.Stored(1)], ("keep_dims", op.Options.Flag("keep_dims"))), isExact: op.Name is "REDUCE_MAX" or "REDUCE_MIN");
    }

    public override void Write(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        string name = Nodes.First(entry => entry.Value == node.Node.Op).Key;
        if (name is "ARG_MAX" or "ARG_MIN")
        {
            TensorType type = TensorTypes.FromGraph(node.Node.Type("output_type")) ?? TensorType.Int64;
            node.Out(node.Emit(name, [x, node.Int32Constant(node.RequiredIntegers(1), [])], type, ("output_type", (int)type)));
            return;
        }
        if (node.RequiredIntegers(1).Length == 0)
            node.Out(x);
        else
            node.Out(node.Emit(name, [x, node.Int32(1)], ("keep_dims", node.Node.Bool("keep_dims"))));
    }
}
