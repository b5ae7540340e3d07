using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Folding.Tests;

/// <summary>Tables in variables, whose values are in a checkpoint.</summary>
public sealed class SparsifyGatherCheckpointTests
{
    private const string LookUp =
        """
        x = Placeholder() {dtype=int64, shape=(3)}
        w/part_1 = VariableV2() {dtype=float, shape=(4,1)}
        r = Identity(w/part_1) {T=float}
        y = Gather(r, x) {Tparams=float, Tindices=int64}

        """;

    private const string Saver =
        """
        save/names = Const() {dtype=string, value=string[2]{"b", "w"}}
        save/slices = Const() {dtype=string, value=string[2]{"", "SLICE"}}
        save/Const = Placeholder() {dtype=string, shape=()}
        save/RestoreV2 = RestoreV2(save/Const, save/names, save/slices) {dtypes=[float,float]}
        save/Assign_1 = Assign(w/part_1, save/RestoreV2:1) {T=float}

        """;

    [Theory]
    [InlineData("", 0L, 2L)]
    [InlineData("4 1 0,4:0,1", 0L, 2L)]
    [InlineData("4 1 -:-", 0L, 2L)]
    [InlineData("4 1 2,2:0,1", 0L)]
    [InlineData("4 1 1,2:-", 1L)]
    public void The_table_holds_the_part_that_the_graph_restores(string slice, params long[] indices)
    {
        Graph sparse = Test(new CheckpointFiles().Add("b", 7).Add("w", 1, 0, 3, 0.000001f)).Run(GraphText.Parse(LookUp + Saver.Replace("SLICE", slice, StringComparison.Ordinal)));
        Assert.Equal(indices, Value(sparse, "w/part_1/indices").AsSpan<long>().ToArray());
        Assert.Equal(indices.Length == 2 ? [1f, 3f] : [3f], Value(sparse, "w/part_1/values").AsSpan<float>().ToArray());
        Assert.Null(sparse.Find("w/part_1"));
        Assert.Null(sparse.Find("save/Assign_1"));
    }

    [Theory]
    [InlineData("", 0L, 1L, 5L)]
    [InlineData("6 1 4,2:0,1", 1L)]
    [InlineData("6 1 1,4:0,1", 0L)]
    public void A_tensor_that_is_stored_in_parts_is_put_together(string slice, params long[] indices)
    {
        var files = new CheckpointFiles()
            .AddRows("w", "\0w\0\x01\x01\x02\x80\x84\x80\x7F", 6, 0, 1, 2, 0, 0)
            .AddRows("w", "\0w\0\x01\x01\x02\x84\x82\x80\x7F", 6, 4, 0, 3);
        Graph sparse = Test(files).Run(GraphText.Parse(LookUp.Replace("(4,1)", "(6,1)", StringComparison.Ordinal) + Saver.Replace("SLICE", slice, StringComparison.Ordinal)));
        Assert.Equal(indices, Value(sparse, "w/part_1/indices").AsSpan<long>().ToArray());
    }

    [Theory]
    [InlineData(StatusKind.NotFound, "Key w not found in checkpoint", "", Saver)]
    [InlineData(StatusKind.Internal, "Unable to find RestoreV2 entry for variable: w/part_1", "w", "")]
    [InlineData(StatusKind.InvalidArgument, "is no shape with a slice", "w", Saver, "4 1")]
    [InlineData(StatusKind.InvalidArgument, "is no shape with a slice", "w", Saver, "4 1 3,2:-")]
    [InlineData(StatusKind.OutOfRange, "does not hold the part that is wanted", "w", Saver, "9 1 3,2:-")]
    [InlineData(StatusKind.FailedPrecondition, "is not the index of a checkpoint, or is damaged", "w", Saver, "", ".index")]
    [InlineData(StatusKind.FailedPrecondition, "do not have the checksum", "w", Saver, "", ".data-00000-of-00001")]
    public void What_is_not_there_is_named(StatusKind kind, string message, string tensor, string saver, string slice = "", string damaged = "")
    {
        var files = new CheckpointFiles().Add(tensor.Length > 0 ? tensor : "v", 1, 0, 3, 4).Files;
        if (damaged.Length > 0)
            files[damaged][^1] ^= 1;
        TransformException error = Test(files).Fails(LookUp + saver.Replace("SLICE", slice, StringComparison.Ordinal));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_that_is_not_there_fails_even_without_variables()
    {
        TransformException error = Test([]).Fails("y = Const() {dtype=float, value=float[]{1}}");
        Assert.Equal((StatusKind.NotFound, "model.index; No such file or directory"), (error.Kind, error.Message));
    }

    private static FoldingTest Test(CheckpointFiles files) => Test(files.Files);

    private static FoldingTest Test(Dictionary<string, byte[]> files) => new(new SparsifyGather(), new SparsifyGather.Options { InputCheckpoint = "model" })
    {
        Files = files.ToDictionary(file => "model" + file.Key, file => file.Value, StringComparer.Ordinal),
    };

    private static Tensor Value(Graph graph, string name) => graph.Find(name)!.TensorAttribute("value")!;
}
