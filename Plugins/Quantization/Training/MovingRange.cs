using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Training;

/// <summary>
/// Nodes that keep moving averages of the smallest and the largest element that a node's first output has in each batch of a training: the first batch sets a variable v to
/// its value b, later ones to v - (v - b)·(1 - 0.999).
/// </summary>
internal static class MovingRange
{
    private const float Decay = 0.999f;

    /// <summary>The references that give both averages.</summary>
    public static (NodeInput Min, NodeInput Max) Ends(string source) => (source + "/Min/AssignValue", source + "/Max/AssignValue");

    public static IEnumerable<Node> Of(string source)
    {
        string axes = source + "/ReductionAxes";
        Node decay = Node.Constant(source + "/Decay", Tensor.Scalar(Decay));
        Node start = Node.Constant(axes + "/RangeStart", Tensor.Scalar(0));
        Node step = Node.Constant(axes + "/RangeDelta", Tensor.Scalar(1));
        Node rank = new Node(axes + "/InputRank", "Rank", source).With("T", DataType.Float);
        Node all = new Node(axes + "/ReductionAxes", "Range", start.Name, rank.Name, step.Name).With("Tidx", DataType.Int32);
        return [decay, start, step, rank, all, .. End(source, "Min", all.Name, decay.Name), .. End(source, "Max", all.Name, decay.Name)];
    }

    private static Node[] End(string source, string op, string axes, string decay)
    {
        Node batch = Float($"{source}/{op}", op, source, axes).With("Tidx", DataType.Int32).With("keep_dims", false);
        string prefix = batch.Name;
        Node variable = new Node(prefix + "/Variable", "VariableV2").With("dtype", DataType.Float).With("shape", TensorShape.Scalar);
        Node isInitialized = new Node(prefix + "/IsInitialized", "IsVariableInitialized", variable.Name).With("dtype", DataType.Float);
        Node later = Float(prefix + "/Switch", "Switch", batch.Name, isInitialized.Name);
        Node one = Node.Constant(prefix + "/EMA/OneConst", Tensor.Scalar(1f));
        Node weight = Float(prefix + "/EMA/DecayComplement", "Sub", one.Name, decay);
        Node difference = Float(prefix + "/EMA/ValueDiff", "Sub", variable.Name, NodeInput.Data(later.Name, 1));
        Node update = Float(prefix + "/EMA/UpdateValue", "Mul", difference.Name, weight.Name);
        Node average = Float(prefix + "/EMA/EMAValue", "Sub", variable.Name, update.Name);
        Node value = Float(prefix + "/Merge", "Merge", later.Name, average.Name).With("N", 2);
        Node assign = Float(prefix + "/AssignValue", "Assign", variable.Name, value.Name);
        return [batch, variable, isInitialized, later, one, weight, difference, update, average, value, assign];
    }

    private static Node Float(string name, string op, params ReadOnlySpan<NodeInput> inputs) => new Node(name, op, inputs).With("T", DataType.Float);
}
