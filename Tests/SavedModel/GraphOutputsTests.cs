using TransformFramework.Graphs;
using TransformFramework.SavedModel.Reading;

namespace TransformFramework.SavedModel.Tests;

/// <summary>What counts as an output of a checkpoint's graph, which names none.</summary>
public sealed class GraphOutputsTests
{
    private const string Net = """
        x = Placeholder() {dtype=float, shape=(1,2)}
        w = VariableV2() {container="", dtype=float, shape=(2,2), shared_name=""}
        w/read = Identity(w) {T=float}
        logits = MatMul(x, w/read) {T=float, transpose_a=false, transpose_b=false}
        """;

    private const string Saver = """
        file = Const() {dtype=string, value=string[]{"model"}}
        names = Const() {dtype=string, value=string[1]{"w"}}
        slices = Const() {dtype=string, value=string[1]{""}}
        save = SaveV2(file, names, slices, w) {dtypes=[float]}
        saved = Identity(file, ^save) {T=string}
        restored = RestoreV2(file, names, slices) {dtypes=[float]}
        assigned = Assign(w, restored) {T=float, use_locking=true, validate_shape=true}
        all = NoOp(^assigned)
        """;

    [Theory]
    [InlineData("", "logits")]
    [InlineData("p = Softmax(logits) {T=float}\nc = ArgMax(p, axis) {T=float, Tidx=int32, output_type=int64}\naxis = Const() {dtype=int32, value=int32[]{1}}", "c")]
    [InlineData("a = Relu(logits) {T=float}\nb = Neg(logits) {T=float}", "a, b")]
    [InlineData("tag = Const() {dtype=string, value=string[]{\"loss\"}}\nsummary = HistogramSummary(tag, logits) {T=float}", "logits")]
    [InlineData("g = ReluGrad(logits, logits) {T=float}\nd = AssignSub(w, w/read) {T=float, use_locking=false}", "")]
    [InlineData("constant = Const() {dtype=float, value=float[]{1}}\nscaled = Neg(constant) {T=float}", "logits")]
    public void Training_and_saving_give_no_outputs(string nodes, string outputs) =>
        Assert.Equal(outputs, string.Join(", ", GraphOutputs.Of(GraphText.Parse($"{Net}\n{Saver}\n{nodes}"), CancellationToken.None)));
}
