using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Reading;

/// <summary>
/// What TFLite_Detection_PostProcess computes, as library functions: boxes around anchors, then suppression of overlapping ones, of all classes at once or of each.
/// <code>
/// boxes, classes, scores, count = PartitionedCall(encodings, predictions, anchors, scales, limits, thresholds) {f=detection_postprocess}
/// y = t.y / scale.y · a.h + a.y      h = exp(t.h / scale.h) · a.h / 2      corners = y ± h
/// </code>
/// Scales are y, x, h, w; limits the most detections, classes of a detection, detections of a class, and the number of classes; thresholds the score that a box is above, and the overlap.
/// </summary>
internal static class DetectionFunctions
{
    public const string Fast = "detection_postprocess";
    public const string ByClass = "detection_postprocess_by_class";

    private const int Corners = 4;

    /// <summary>All classes at once: a box has its best score in the suppression, and its best classes as results.</summary>
    public static (Value[] Arguments, Value[] Results) DefineFast(GraphDraft graph)
    {
        var parts = new Parts(graph);
        Value k = parts.Node("Minimum", parts.Limit(1), parts.Limit(3));
        NodeDraft top = graph.Add("TopKV2", [parts.Scores, k], ("sorted", true));
        Value best = parts.Node("Max", parts.Scores, graph.Integers(1));
        NodeDraft kept = graph.Add("NonMaxSuppressionV4", [parts.Boxes, best, parts.Limit(0), parts.Threshold(1), parts.Threshold(0)], ("pad_to_max_output_size", true));
        Value rows = parts.Node("Less", parts.Range(parts.Limit(0)), new(kept, 1));
        Value columns = parts.Node("Less", parts.Range(parts.Limit(1)), k);
        Value isFilled = parts.Node("LogicalAnd", parts.Expand(rows, 1), parts.Expand(columns, 0));
        Value missing = parts.Node("Sub", parts.Limit(1), k);
        Value paddings = parts.Pack(0, parts.Pack(0, graph.Constant(0), graph.Constant(0)), parts.Pack(0, graph.Constant(0), missing));
        Value Filled(Value values) => parts.Node("Reshape", parts.Node("SelectV2", isFilled, parts.Node("Pad", parts.Gather(values, new(kept)), paddings), graph.Constant(0f)), graph.Integers(1, -1));
        Value boxes = parts.Node("SelectV2", parts.Expand(isFilled, 2), parts.Expand(parts.Gather(parts.Boxes, new(kept)), 1), graph.Constant(0f));
        Value classes = new(graph.Add("Cast", [new(top, 1)], ("DstT", DataType.Float)));
        return (parts.Arguments, [parts.Node("Reshape", boxes, graph.Integers(1, -1, Corners)), Filled(classes), Filled(new(top)), parts.Count(new(kept, 1))]);
    }

    /// <summary>Each class by itself, then the best of all.</summary>
    public static (Value[] Arguments, Value[] Results) DefineByClass(GraphDraft graph)
    {
        var parts = new Parts(graph);
        NodeDraft kept = graph.Add("CombinedNonMaxSuppression",
            [parts.Node("Reshape", parts.Boxes, graph.Integers(1, -1, 1, Corners)), parts.Expand(parts.Scores, 0), parts.Limit(2), parts.Limit(0), parts.Threshold(1), parts.Threshold(0)], ("clip_boxes", false));
        return (parts.Arguments, [new(kept), new(kept, 2), new(kept, 1), parts.Count(new(kept, 3))]);
    }

    private sealed class Parts
    {
        private readonly GraphDraft graph;
        private readonly NodeDraft limits;
        private readonly NodeDraft thresholds;

        public Parts(GraphDraft graph)
        {
            this.graph = graph;
            DataType[] types = [DataType.Float, DataType.Float, DataType.Float, DataType.Float, DataType.Int32, DataType.Float];
            Arguments = [.. types.Select((type, i) => ModelFunctions.Argument(graph, i, type))];
            limits = graph.Add("Unpack", [Arguments[4]], ("num", 4), ("axis", 0));
            thresholds = graph.Add("Unpack", [Arguments[5]], ("num", 2), ("axis", 0));
            Boxes = Decoded();
            Value all = new(graph.Add("Squeeze", [Arguments[1]], ("squeeze_dims", AttributeValue.Ints(0))));
            Value width = Node("Shape", all);
            Value background = Node("Sub", Node("GatherV2", width, graph.Constant(1), graph.Constant(0)), Limit(3));
            Scores = Node("Slice", all, Pack(0, graph.Constant(0), background), Pack(0, graph.Constant(-1), Limit(3)));
        }

        public Value[] Arguments { get; }

        /// <summary>Corners y, x, y, x of each anchor's box.</summary>
        public Value Boxes { get; }

        /// <summary>Scores by anchor and class, without the background.</summary>
        public Value Scores { get; }

        public Value Limit(int index) => new(limits, index);

        public Value Threshold(int index) => new(thresholds, index);

        public Value Node(string op, params ImmutableArray<Value> inputs) => new(graph.Add(op, inputs));

        public Value Pack(int axis, params ImmutableArray<Value> parts) => new(graph.Add("Pack", parts, ("axis", axis)));

        public Value Expand(Value value, int axis) => Node("ExpandDims", value, graph.Constant(axis));

        public Value Range(Value end) => Node("Range", graph.Constant(0), end, graph.Constant(1));

        public Value Gather(Value rows, Value indices) => Node("GatherV2", rows, indices, graph.Constant(0));

        public Value Count(Value integer) => Node("Reshape", new Value(graph.Add("Cast", [integer], ("DstT", DataType.Float))), graph.Integers(1));

        private Value Decoded()
        {
            NodeDraft encodings = graph.Add("Unpack", [Node("Reshape", Arguments[0], graph.Integers(-1, Corners))], ("num", Corners), ("axis", 1));
            NodeDraft anchors = graph.Add("Unpack", [Arguments[2]], ("num", Corners), ("axis", 1));
            NodeDraft scales = graph.Add("Unpack", [Arguments[3]], ("num", Corners), ("axis", 0));
            Value Scaled(int side) => Node("RealDiv", new(encodings, side), new(scales, side));
            Value Center(int side) => Node("AddV2", Node("Mul", Scaled(side), new(anchors, side + 2)), new(anchors, side));
            Value Half(int side) => Node("Mul", Node("Mul", graph.Constant(0.5f), Node("Exp", Scaled(side + 2))), new(anchors, side + 2));
            return Pack(1, Node("Sub", Center(0), Half(0)), Node("Sub", Center(1), Half(1)), Node("AddV2", Center(0), Half(0)), Node("AddV2", Center(1), Half(1)));
        }
    }
}
