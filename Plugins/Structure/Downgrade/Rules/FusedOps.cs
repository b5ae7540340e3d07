using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>Fused ops as the base op and what is fused to it, in the order of <c>fused_ops</c>.</summary>
internal static class FusedOps
{
    private static readonly string[] BaseAttributes = ["T", "strides", "padding", "data_format", "dilations", "use_cudnn_on_gpu", "explicit_paddings", "transpose_a", "transpose_b"];

    public static Decline? Rewrite(DowngradeSite site)
    {
        Node node = site.Node;
        if (node.String("filter_format", "HWIO") != "HWIO")
            return site.Decline("the layout of its filter is not HWIO");
        var attributes = node.Attributes.Where(attribute => BaseAttributes.Contains(attribute.Key)).Select(attribute => (attribute.Key, attribute.Value));
        NodeInput result = site.Add(node.Op["_Fused".Length..], site.Inputs.AsSpan(0, 2), [.. attributes]);
        int next = 2;
        foreach (string fused in node.TryStringList("fused_ops", out var list) ? list : [])
        {
            if (fused == "BiasAdd")
                result = site.Add("BiasAdd", [result, site.Inputs[next++]], ("T", node.Type("T")), ("data_format", node.String("data_format", "NHWC")));
            else if (fused is "Add" or "AddV2")
                result = site.Binary("Add", result, site.Inputs[next++]);
            else if (fused == "LeakyRelu")
                result = site.Add("LeakyRelu", [result], ("T", node.Type("T")), ("alpha", node.Float("leakyrelu_alpha", 0.2f)));
            else if (fused is "Relu" or "Relu6" or "Elu" or "Tanh" or "Sigmoid")
                result = site.Unary(fused, result);
            else if (fused == "FusedBatchNorm")
                result = Norm(site, result, [.. site.Inputs.Skip(next).Take(4)], ref next);
            else
                return site.Decline($"the fused op '{fused}' is not known");
        }
        return site.Replace(result);
    }

    /// <summary>_FusedBatchNormEx: the norm, the sum with the side input, the activation.</summary>
    public static Decline? BatchNorm(DowngradeSite site)
    {
        Node node = site.Node;
        var attributes = node.Attributes.Where(attribute => attribute.Key is "T" or "U" or "epsilon" or "data_format" or "is_training" or "exponential_avg_factor").Select(attribute => (attribute.Key, attribute.Value));
        NodeInput norm = site.Add("FusedBatchNormV3", site.Inputs.AsSpan(0, 5), [.. attributes]);
        NodeInput y = node.Long("num_side_inputs", 0) > 0 ? site.Binary("Add", norm, site.Inputs[5]) : norm;
        string activation = node.String("activation_mode", "Identity");
        if (activation != "Identity")
            y = site.Unary(activation, y);
        return site.Replace([y, .. Enumerable.Range(1, 5).Select(port => NodeInput.Data(norm.Node, port))]);
    }

    private static NodeInput Norm(DowngradeSite site, NodeInput x, NodeInput[] parameters, ref int next)
    {
        next += parameters.Length;
        return site.Add("FusedBatchNorm", [x, .. parameters], ("T", site.Type(x)), ("epsilon", site.Node.Float("epsilon", 1e-4f)), ("is_training", false), ("data_format", site.Node.String("data_format", "NHWC")));
    }
}
