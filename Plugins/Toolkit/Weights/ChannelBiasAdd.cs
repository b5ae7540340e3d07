using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Weights;

/// <summary>Adds one number a channel: a BiasAdd where it knows the layout, an Add of a broadcast constant elsewhere.</summary>
public static class ChannelBiasAdd
{
    /// <summary>The constant that is added.</summary>
    public static Node Constant(string name, float[] values, ChannelLayout layout) =>
        TransformFramework.Graphs.Node.Constant(name, Tensor.Create<float>(DataType.Float, TakesVector(layout) ? TensorShape.Of(values.Length) : layout.BroadcastShape(values.Length), values));

    /// <summary>The node that adds it.</summary>
    public static Node Node(string name, NodeInput data, NodeInput constant, ChannelLayout layout) => TakesVector(layout)
        ? new Node(name, "BiasAdd", data, constant).With("T", DataType.Float).With("data_format", layout.IsChannelsLast ? "NHWC" : "NCHW")
        : new Node(name, "Add", data, constant).With("T", DataType.Float);

    private static bool TakesVector(ChannelLayout layout) => layout.IsChannelsLast || layout.Rank == 4;
}
