using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// The custom operator that ends detectors.
/// <code>
/// TFLite_Detection_PostProcess(encodings, predictions, anchors)   ↔   PartitionedCall(…) {f=detection_postprocess or detection_postprocess_by_class}
///                                                                 ←   TFLite_Detection_PostProcess, as the exporter of detectors writes it
/// </code>
/// </summary>
[OperatorConverter("CUSTOM:" + Code, Nodes = [Code])]
internal sealed class DetectionPostProcess : OperatorConverter
{
    private const string Code = "TFLite_Detection_PostProcess";
    private const string Detections = "max_detections", Classes = "max_classes_per_detection", PerClass = "detections_per_class", Count = "num_classes", Regular = "use_regular_nms";
    private const string Score = "nms_score_threshold", Overlap = "nms_iou_threshold";
    private const int MostPerClass = 100;
    private const int MostResults = 1 << 20;

    private static readonly string[] Scales = ["y_scale", "x_scale", "h_scale", "w_scale"];
    private static readonly string[] Limits = [Detections, Classes, PerClass, Count];

    public override void Read(OperatorReader op)
    {
        Dictionary<string, double> options = FlexMap.Read(op.CustomOptions.Span);
        double Option(string name) => options.TryGetValue(name, out double value) && double.IsFinite(value) ? value
            : name == PerClass ? MostPerClass : throw op.Refusal($"its option '{name}' is missing");
        bool isByClass = options.GetValueOrDefault(Regular) != 0;
        double[] limits = [.. Limits.Select(Option)];
        if (limits.Any(limit => limit < 1) || limits[0] * limits[1] > MostResults)
            throw op.Refusal("its limits are out of range");
        if (isByClass && limits[1] > 1)
            throw op.Refusal("several classes of a detection and suppression by class have no counterpart together");
        if (op.Rank(0) != 3 || op.Input(0).Tensor.Shape[0] != 1)
            throw op.Refusal("it takes one image");
        FunctionValue function = op.Subgraph.Model.Function(isByClass ? DetectionFunctions.ByClass : DetectionFunctions.Fast, isByClass ? DetectionFunctions.DefineByClass : DetectionFunctions.DefineFast);
        // A box is kept from its threshold on, where the op of the graph wants it above.
        float[] thresholds = [MathF.BitDecrement((float)Option(Score)), (float)Option(Overlap)];
        NodeDraft call = op.Graph.Add("PartitionedCall",
        [
            op.Real(0), op.Real(1), op.Real(2), op.Graph.Constant(Tensor.Create<float>(DataType.Float, TensorShape.Of(Scales.Length), [.. Scales.Select(scale => (float)Option(scale))])),
            op.Graph.Integers([.. limits.Select(limit => (int)limit)]), op.Graph.Constant(Tensor.Create<float>(DataType.Float, TensorShape.Of(thresholds.Length), thresholds)),
        ], ("f", function), ("Tout", AttributeValue.Types(DataType.Float, DataType.Float, DataType.Float, DataType.Float)));
        for (int i = 0; i < op.OutputCount; i++)
            op.Result(new(call, i), i);
    }

    /// <summary>Writes the op as the exporter of detectors writes it.</summary>
    public override void Write(NodeWriter node)
    {
        float Real(string name) => node.Node.Float(name);
        int Integer(string name) => name == PerClass && !node.Node.Attributes.ContainsKey(name) ? MostPerClass : checked((int)node.Node.Long(name));
        Write(node, [.. Scales.Select(Real)], [.. Limits.Select(Integer)], Real(Score), Real(Overlap), node.Node.Bool(Regular, otherwise: false));
    }

    /// <summary>Writes a call of the function that the operator becomes.</summary>
    public static void WriteCall(NodeWriter node, bool isByClass)
    {
        float[] thresholds = node.Required(5).AsSpan<float>().ToArray();
        Write(node, node.Required(3).AsSpan<float>().ToArray(), node.Required(4).AsSpan<int>().ToArray(), MathF.BitIncrement(thresholds[0]), thresholds[1], isByClass);
    }

    private static void Write(NodeWriter node, float[] scales, int[] limits, float score, float overlap, bool isByClass)
    {
        if (node.In(0).Rank != 3 || node.In(1).Rank != 3 || node.In(2).Rank != 2)
            throw node.Decline("it takes encodings and predictions of three dimensions, and anchors of two");
        int results = checked(limits[0] * limits[1]);
        int[][] shapes = [[1, results, 4], [1, results], [1, results], [1]];
        List<TensorDraft> outputs = [.. shapes.Select(shape => new TensorDraft("", TensorType.Float32) { Shapes = [shape, shape] })];
        OperatorSchema custom = OperatorSchema.Of("CUSTOM");
        (string, object)[] options =
        [
            .. Scales.Zip(scales, (name, scale) => (name, (object)scale)), .. Limits.Zip(limits, (name, limit) => (name, (object)limit)), (Score, score), (Overlap, overlap), (Regular, isByClass),
        ];
        node.Subgraph.Draft.Operators.Add(new(custom, [node.In(0), node.In(1), node.In(2)], outputs, OptionValues.Defaults(custom)) { CustomCode = Code, CustomOptions = FlexMap.Write(options) });
        for (int i = 0; i < outputs.Count; i++)
            node.Out(outputs[i], i);
    }
}
