using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.Static;

/// <summary>What a BiasAdd, or an Add of a constant, adds to each channel.</summary>
/// <param name="Input">Number of the input that is the constant.</param>
/// <param name="Values">One number for each channel.</param>
internal readonly record struct ChannelBias(int Input, float[] Values)
{
    /// <summary>The bias that a node adds to the results of a weighted op; null when it is none, or not one number for each channel.</summary>
    public static ChannelBias? Of(Node node, WeightedLayer op, ConstantValues constants)
    {
        bool isBias = node.Op == "BiasAdd";
        bool isSum = node.Op is "Add" or "AddV2" && node.DataInputs.Count() == 2 && node.DataInputs.Count(constants.IsConstant) == 1;
        if (!isBias && !isSum)
            return null;
        int input = isBias || constants.IsConstant(node.Inputs[1]) ? 1 : 0;
        if (constants.FindFloat(node.Inputs[input]) is not { } constant)
            return null;
        var vector = isBias ? ChannelVector.Plain(constant) : ChannelVector.Broadcast(constant);
        return vector.Along(op.Layout, op.OutputChannels) is { } values ? new(input, values) : null;
    }
}
