using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>A batch norm as one factor and one offset per channel: scale = γ / √(variance + ε), offset = β − mean·scale, each operation rounded to float.</summary>
internal sealed record BatchNormParameters(float[] Scale, float[] Offset)
{
    /// <summary>Reads a BatchNormWithGlobalNormalization (x, mean, variance, β, γ) or FusedBatchNorm (x, γ, β, mean, variance) whose parameters are constants.</summary>
    /// <exception cref="TransformException">InvalidArgument: a parameter has another length than the mean. Aborted: an attribute is absent, a parameter not float.</exception>
    public static BatchNormParameters Of(NodeMatch batchNorm)
    {
        bool isGlobal = batchNorm.Node.Op == "BatchNormWithGlobalNormalization";
        Tensor Parameter(int global, int fused) => batchNorm.Inputs[isGlobal ? global : fused].Node.FloatConstant();
        Tensor mean = Parameter(1, 3);
        Tensor variance = Parameter(2, 4);
        Tensor beta = Parameter(3, 2);
        Tensor gamma = Parameter(4, 1);
        float epsilon = Number(batchNorm.Node, isGlobal ? "variance_epsilon" : "epsilon");
        bool scales = !isGlobal || batchNorm.Node.RequiredAttribute("scale_after_normalization") is BoolValue { Value: true };
        long count = mean.Shape.Rank > 0 ? mean.Shape[0] : 1;
        Check(variance, count, "Variance", batchNorm.Node);
        Check(beta, count, "Beta", batchNorm.Node);
        Check(gamma, count, "gamma", batchNorm.Node);
        return Of(mean.AsSpan<float>(), variance.AsSpan<float>(), beta.AsSpan<float>(), scales ? gamma.AsSpan<float>() : [], epsilon);
    }

    private static BatchNormParameters Of(ReadOnlySpan<float> mean, ReadOnlySpan<float> variance, ReadOnlySpan<float> beta, ReadOnlySpan<float> gamma, float epsilon)
    {
        float[] scale = new float[variance.Length];
        float[] offset = new float[variance.Length];
        for (int i = 0; i < scale.Length; i++)
        {
            scale[i] = 1f / MathF.Sqrt(variance[i] + epsilon);
            if (!gamma.IsEmpty)
                scale[i] *= gamma[i];
            float shift = -mean[i] * scale[i];
            offset[i] = shift + beta[i];
        }
        return new(scale, offset);
    }

    private static float Number(Node node, string attribute) => node.RequiredAttribute(attribute) is FloatValue value
        ? value.Value
        : throw new TransformException(StatusKind.Aborted, $"attribute '{attribute}' of '{node.Name}' is no float", node.Name);

    private static void Check(Tensor parameter, long count, string name, Node batchNorm)
    {
        if (parameter.Shape.Rank != 1 || parameter.Shape[0] != count)
            throw new TransformException(StatusKind.InvalidArgument, $"{name} input to batch norm has bad shape: {parameter.Shape}", batchNorm.Name);
    }
}
