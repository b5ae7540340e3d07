using TransformFramework.Cpu.Kernels;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Analysis;

/// <summary>
/// Nodes by which the original tool and training with fake quantization turn real values into quantized values. Static quantization writes none of them: it quantizes in mode SCALED, multiplies by qint8
/// weights, and what only moves, compares or averages quantized values occurs in both.
/// </summary>
internal static class OriginalQuantization
{
    /// <summary>True when a node is one of them.</summary>
    public static bool IsPart(Node node) => OpTraitTable.Has(node.Op, OpTraits.Quantizes) && node.Op switch
    {
        "QuantizeV2" => !node.Attributes.ContainsKey("mode") || node.Text("mode") != "SCALED",
        "QuantizedMaxPool" or "QuantizedAvgPool" or "QuantizedConcat" or "QuantizedConcatV2" or "QuantizedReshape" or "RequantizePerChannel" => false,
        _ => !Multiplies(node, "Tfilter") && !Multiplies(node, "T2"),
    };

    /// <summary>True when the type of a node's weights is qint8.</summary>
    private static bool Multiplies(Node node, string attribute) => node.Attributes.TryGetValue(attribute, out AttributeValue? type) && type is TypeValue { Value: DataType.QInt8 };
}
