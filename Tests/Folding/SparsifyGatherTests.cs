using System.Globalization;
using TransformFramework.Cpu;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Folding.Tests;

public sealed class SparsifyGatherTests
{
    private const string Ids = "x = Placeholder() {dtype=int64, shape=(3)}\n";
    private const string Table = "w = Const() {dtype=float, value=float[4,1]{0, 2, 0.000001, -3}}\nr = Identity(w) {T=float}\n";
    private const string Axis = "a = Const() {dtype=int32, value=int32[]{0}}\n";
    private const string LookUp = "y = Gather(r, x) {Tparams=float, Tindices=int64}\n";
    private const string LookUpV2 = "y = GatherV2(r, x, a) {Tparams=float, Tindices=int64, Taxis=int32}\n";

    public static TheoryData<string, string> Declining() => new()
    {
        { "the table 'w' is read elsewhere", Ids + Table + LookUp + "z = Relu(r) {T=float}\n" },
        { "the table 'w' is read elsewhere", Ids + Table + LookUp + "z = Relu(w) {T=float}\n" },
        { "its ids are int32", Ids + Table + LookUp.Replace("int64", "int32", StringComparison.Ordinal) },
        { "the variable 'w'", Ids + "w = VariableV2() {dtype=float, shape=(4,1)}\nr = Identity(w)\n" + LookUp },
    };

    [Theory]
    [InlineData(LookUp)]
    [InlineData(Axis + LookUpV2)]
    public void The_table_holds_what_is_not_small(string lookUp) => new FoldingTest(new SparsifyGather(), new SparsifyGather.Options()).Check(
        Ids + Table + lookUp + "z = Relu(y) {T=float}",
        """
        x = Placeholder() {dtype=int64, shape=(3)}
        w/indices = Const() {dtype=int64, value=int64[2]{1, 3}}
        w/values = Const() {dtype=float, value=float[2]{2, -3}}
        w/HashTable = HashTable() {key_dtype=int64, value_dtype=float}
        w/InitializeTable = InitializeTable(w/HashTable, w/indices, w/values) {Tkey=int64, Tval=float}
        y/LookupTableFind = LookupTableFind(w/HashTable, x, y/Const) {Tin=int64, Tout=float}
        y/Const = Const() {dtype=float, value=float[]{0}}
        y/ExpandDims/Const = Const() {dtype=int32, value=int32[] values{-1}}
        y = ExpandDims(y/LookupTableFind, y/ExpandDims/Const) {T=float}
        z = Relu(y) {T=float}
        group_deps = NoOp(^w/InitializeTable)
        """);

    [Fact]
    public void Look_ups_after_the_initializer_give_the_entries()
    {
        Graph sparse = new FoldingTest(new SparsifyGather(), new SparsifyGather.Options()).Run(GraphText.Parse(Ids + Table + LookUp));
        Graph ordered = sparse.Select(node => node.Op == "LookupTableFind" ? node with { Inputs = [.. node.Inputs, NodeInput.Control("group_deps")] } : node);
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = Tensor.Create<long>(DataType.Int64, TensorShape.Of(3), [3, 0, 1]) };
        Tensor found = Assert.Single(new CpuBackend().Compile(ordered, ["y"], CompileOptions.Default).Run(feeds));
        Assert.Equal(TensorShape.Of(3, 1), found.Shape);
        Assert.Equal([-3f, 0f, 2f], found.AsSpan<float>().ToArray());
    }

    [Fact]
    public void Entries_above_the_float_nearest_a_hundred_thousandth_are_kept()
    {
        float[] entries = [1e-5f, MathF.BitIncrement(1e-5f), -1e-5f, MathF.BitDecrement(-1e-5f), float.NaN, float.NegativeInfinity];
        string values = string.Join(", ", entries.Select(entry => float.IsFinite(entry) ? entry.ToString("R", CultureInfo.InvariantCulture) : float.IsNaN(entry) ? "nan" : "-inf"));
        Graph sparse = new FoldingTest(new SparsifyGather(), new SparsifyGather.Options()).Run(GraphText.Parse($"{Ids}w = Const() {{dtype=float, value=float[6,1]{{{values}}}}}\nr = Identity(w)\n{LookUp}"));
        Assert.Equal([1, 3, 5], sparse.Find("w/indices")!.TensorAttribute("value")!.AsSpan<long>().ToArray());
        Assert.Equal([entries[1], entries[3], entries[5]], sparse.Find("w/values")!.TensorAttribute("value")!.AsSpan<float>().ToArray());
    }

    [Fact]
    public void A_table_of_zeros_holds_one()
    {
        Graph sparse = new FoldingTest(new SparsifyGather(), new SparsifyGather.Options()).Run(GraphText.Parse($"{Ids}w = Const() {{dtype=float, value=float[2,1]{{0, 0}}}}\nr = Identity(w)\n{LookUp}"));
        Assert.Equal([0], sparse.Find("w/indices")!.TensorAttribute("value")!.AsSpan<long>().ToArray());
        Assert.Equal([0f], sparse.Find("w/values")!.TensorAttribute("value")!.AsSpan<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Declining))]
    public void Declines_what_would_change_an_output(string reason, string graph) =>
        new FoldingTest(new SparsifyGather(), new SparsifyGather.Options()).CheckDeclined(graph + "group_deps = NoOp()\n", "y", reason);

    [Theory]
    [InlineData("w")]
    [InlineData("r")]
    public void Declines_a_table_that_is_an_output(string output) =>
        new FoldingTest(new SparsifyGather(), new SparsifyGather.Options()) { Outputs = ["y", output] }.CheckDeclined(Ids + Table + LookUp + "group_deps = NoOp()\n", "y", "is itself an output");

    [Fact]
    public void Look_ups_in_two_tables_share_the_named_initializer()
    {
        Graph sparse = new FoldingTest(new SparsifyGather(), new SparsifyGather.Options { GroupInitNode = ["first", "second"] }).Run(GraphText.Parse(
            $"first = NoOp(^x)\n{Ids}{Table}{LookUp}v = Const() {{dtype=float, value=float[2,1]{{1, 2}}}}\ns = Identity(v)\nz = Gather(s, x) {{Tparams=float, Tindices=int64}}\n"));
        Assert.Equal("^v/InitializeTable, ^w/InitializeTable, ^x", string.Join(", ", sparse.Find("first")!.Inputs.Select(input => input.Text)));
        Assert.Null(sparse.Find("second"));
        Assert.DoesNotContain(sparse.Nodes, node => node.Op is "Gather" or "Identity");
    }

    [Fact]
    public void The_initializer_is_added_even_for_nothing() => new FoldingTest(new SparsifyGather(), new SparsifyGather.Options()).Check(
        Ids + "y = Relu(x) {_output_shapes=[(3)]}\n",
        Ids + "y = Relu(x)\ngroup_deps = NoOp()\n");

    [Theory]
    [InlineData("int32[]{1}", "Transform only applicable to subgraph with GatherV2 over axis 0. Found axis 1.")]
    [InlineData("float[]{0}", "Gather axis was not int32 or int64.")]
    public void Another_axis_fails(string axis, string message)
    {
        TransformException error = Fails($"{Ids}{Table}a = Const() {{value={axis}}}\n{LookUpV2}");
        Assert.Equal((StatusKind.FailedPrecondition, message), (error.Kind, error.Message));
    }

    [Theory]
    [InlineData("dtype=float, value=float[2,2]{1, 2, 3, 4}", "with tensor of shape [N, 1]. But instead get shape [2,2].")]
    [InlineData("dtype=float, value=float[2]{1, 2}", "with tensor of shape [N, 1]. But instead get shape [2].")]
    [InlineData("dtype=double, value=double[2,1]{1, 2}", "Found 'Const' with name 'w' and dtype '2'.")]
    public void Another_table_fails(string table, string message)
    {
        TransformException error = Fails($"{Ids}w = Const() {{{table}}}\nr = Identity(w)\n{LookUp}");
        Assert.Equal(StatusKind.FailedPrecondition, error.Kind);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Verbatim_mode_cuts_the_table_from_its_other_readers()
    {
        Graph cut = new FoldingTest(new SparsifyGather(), new SparsifyGather.Options()) { Mode = TransformMode.Verbatim }.Run(GraphText.Parse(
            Ids + Table + LookUp + "z = Gather(r, x) {Tparams=float, Tindices=int64}\nlost = Relu(r)\n"));
        Assert.Single(cut.Nodes, node => node.Op == "ExpandDims");
        Assert.Equal("x", Assert.Single(Assert.Single(cut.Nodes, node => node.Op == "Gather").Inputs).Text);
        Assert.Null(cut.Find("lost"));
    }

    [Fact]
    public void Verbatim_mode_needs_the_values_of_variables_too()
    {
        TransformException error = new FoldingTest(new SparsifyGather(), new SparsifyGather.Options()) { Mode = TransformMode.Verbatim }.Fails(Ids + "w = VariableV2() {dtype=float, shape=(4,1)}\nr = Identity(w)\n" + LookUp);
        Assert.Equal(StatusKind.Unimplemented, error.Kind);
        Assert.StartsWith("Name the checkpoint with input_checkpoint", error.Suggestion, StringComparison.Ordinal);
    }

    private static TransformException Fails(string graph) => new FoldingTest(new SparsifyGather(), new SparsifyGather.Options()).Fails(graph);
}
