using TransformFramework.Graphs;
using TransformFramework.Graphs.Text;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite;

/// <summary>The op with which exporters end detectors, as a custom operator.</summary>
public sealed class DetectionTests
{
    private const string Detector = """
        boxes = Placeholder() {dtype=float, shape=(1,3,4)}
        scores = Placeholder() {dtype=float, shape=(1,3,3)}
        anchors = Const() {dtype=float, value=float[3,4]{0.5,0.5,1,1, 0.5,0.5,1,1, 0.25,0.25,0.5,0.5}}
        y = TFLite_Detection_PostProcess(boxes, scores, anchors) {max_detections=3, max_classes_per_detection=1, num_classes=2, use_regular_nms=false, nms_score_threshold=0.25, nms_iou_threshold=0.6, y_scale=10.0, x_scale=10.0, h_scale=5.0, w_scale=5.0}
        """;

    /// <summary>The second box is the first one's equal and goes; the third one's best score is below the threshold; of the first one class 1 is left, behind the background.</summary>
    [Fact]
    public void A_detector_ends_in_the_custom_operator()
    {
        byte[] file = TfLiteFormat.Encode(new ModelContent(GraphText.Parse(Detector)), new ModelWriteOptions { Inputs = ["boxes", "scores"], Outputs = ["y", "y:1", "y:2", "y:3"] }, CancellationToken.None);
        Assert.Equal("TFLite_Detection_PostProcess", Assert.Single(ModelDecoder.Decode(file, CancellationToken.None).Subgraphs[0].Operators).CustomCode);
        ModelContent content = ModelRun.Read(file);
        var results = ModelRun.Run(content, content.Signature!.Inputs.Zip((Tensor[])[Tensor.FromValues(DataType.Float, TensorShape.Of(1, 3, 4), default), Floats([1, 3, 3], 0, 0.5f, 0.9f, 0, 0.8f, 0.3f, 0.9f, 0.2f, 0.1f)]).ToDictionary(pair => pair.First.Tensor, pair => pair.Second));
        float[][] found = [.. content.Signature.Outputs.Select(output => results[output.Tensor].AsSpan<float>().ToArray())];
        Assert.Equal([0f, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], found[0]);
        Assert.Equal([1f, 0, 0], found[1]);
        Assert.Equal([0.9f, 0, 0], found[2]);
        Assert.Equal([1f], found[3]);
    }

    private static Tensor Floats(long[] shape, params float[] values) => Tensor.Create<float>(DataType.Float, TensorShape.Of(shape), values);
}
