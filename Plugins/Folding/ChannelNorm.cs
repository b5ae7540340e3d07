using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>A node that computes x·scale + offset with constants per channel: an inference batch norm, or a part of a decomposed one.</summary>
/// <param name="Head">The node.</param>
/// <param name="DataInput">Number of the input x.</param>
/// <param name="Scale">The factors.</param>
/// <param name="Offset">The offsets, or null for none.</param>
internal sealed record ChannelNorm(Node Head, int DataInput, ChannelVector Scale, ChannelVector? Offset)
{
    private const double DefaultEpsilon = 1e-4;

    public NodeInput Data => Head.Inputs[DataInput];

    /// <summary>Reads a node as a norm; null when it is none, or when it says why it is not one that folds.</summary>
    public static ChannelNorm? Of(Node node, ConstantValues constants, TransformContext context) => node.Op switch
    {
        "Mul" => OfProduct(node, constants),
        "RealDiv" or "Div" => OfQuotient(node, constants),
        "FusedBatchNorm" or "FusedBatchNormV2" or "FusedBatchNormV3" => OfFused(node, constants, context),
        "BatchNormWithGlobalNormalization" => OfGlobal(node, constants, context),
        _ => null,
    };

    private static ChannelNorm? OfProduct(Node node, ConstantValues constants)
    {
        if (node.DataInputs.Count() != 2 || constants.IsConstant(node.Inputs[0]) == constants.IsConstant(node.Inputs[1]))
            return null;
        int constant = constants.IsConstant(node.Inputs[1]) ? 1 : 0;
        return constants.FindFloat(node.Inputs[constant]) is { } factor ? new(node, 1 - constant, ChannelVector.Broadcast(factor), null) : null;
    }

    private static ChannelNorm? OfQuotient(Node node, ConstantValues constants)
    {
        if (node.DataInputs.Count() != 2 || constants.IsConstant(node.Inputs[0]) || constants.FindFloat(node.Inputs[1]) is not { } divisor)
            return null;
        ReadOnlySpan<float> values = divisor.AsSpan<float>();
        float[] factors = new float[values.Length];
        for (int i = 0; i < factors.Length; i++)
            factors[i] = 1f / values[i];
        return new(node, 0, new(factors, divisor.Shape), null);
    }

    private static ChannelNorm? OfFused(Node node, ConstantValues constants, TransformContext context)
    {
        bool isTraining = node.Bool("is_training", true);
        if (Parameters(node, constants, context) is not [var gamma, var beta, var mean, var variance])
            return null;
        if (isTraining && mean.Length == 0)
        {
            context.Explain(node.Name, "it normalizes by the statistics of the batch (is_training=true) and carries no moving statistics");
            return null;
        }
        if (isTraining)
            context.Report(FoldingDiagnostics.TrainingNorm.At(node));
        return Normalization(node, gamma, beta, mean, variance, node.TryFloat("epsilon", out float epsilon) ? epsilon : DefaultEpsilon, context);
    }

    private static ChannelNorm? OfGlobal(Node node, ConstantValues constants, TransformContext context)
    {
        if (Parameters(node, constants, context) is not [var mean, var variance, var beta, var gamma])
            return null;
        bool scales = node.Bool("scale_after_normalization", false);
        return Normalization(node, scales ? gamma : [.. gamma.Select(_ => 1f)], beta, mean, variance, node.TryFloat("variance_epsilon", out float epsilon) ? epsilon : DefaultEpsilon, context);
    }

    /// <summary>The four parameters in the order of the inputs; null when one is not a float constant.</summary>
    private static float[][]? Parameters(Node node, ConstantValues constants, TransformContext context)
    {
        NodeInput[] inputs = [.. node.DataInputs.Skip(1)];
        if (inputs.FirstOrDefault(input => constants.FindFloat(input) is null) is not { Text: not null } variable)
            return inputs.Length == 4 ? [.. inputs.Select(input => constants.FindFloat(input)!.AsSpan<float>().ToArray())] : null;
        context.Explain(node.Name, $"its parameter '{variable}' is not a float constant");
        return null;
    }

    /// <summary>scale = γ / √(variance + ε), offset = β − mean·scale, in double.</summary>
    private static ChannelNorm? Normalization(Node node, float[] gamma, float[] beta, float[] mean, float[] variance, double epsilon, TransformContext context)
    {
        if (new[] { gamma.Length, beta.Length, variance.Length }.Any(length => length != mean.Length))
        {
            context.Explain(node.Name, $"its parameters have {gamma.Length}, {beta.Length}, {mean.Length} and {variance.Length} elements");
            return null;
        }
        float[] scale = new float[mean.Length];
        float[] offset = new float[mean.Length];
        for (int i = 0; i < scale.Length; i++)
        {
            double factor = gamma[i] / Math.Sqrt(variance[i] + epsilon);
            scale[i] = (float)factor;
            offset[i] = (float)(beta[i] - (mean[i] * factor));
        }
        return new(node, 0, new(scale, null), new(offset, null));
    }
}
