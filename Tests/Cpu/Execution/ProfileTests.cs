using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>What a profile is reported of the steps of a run.</summary>
public sealed class ProfileTests
{
    private const string Straight =
        """
        x = Placeholder() {dtype=float, shape=(1,4,4,16)}
        w = Const() {dtype=float, shape=(1,1,16,8)}
        c = Conv2D(x, w) {T=float, strides=[1,1,1,1], padding="SAME", data_format="NHWC", dilations=[1,1,1,1]}
        y = Relu(c) {T=float}
        """;

    private const string Loop =
        """
        zero = Const() {dtype=int32, value=int32[]{0}}
        x = Placeholder() {dtype=int32, shape=()}
        i_in = Enter(zero) {T=int32, frame_name="loop", is_constant=false, parallel_iterations=10}
        x_in = Enter(x) {T=int32, frame_name="loop", is_constant=true, parallel_iterations=10}
        i = Merge(i_in, next) {N=2, T=int32}
        less = Less(i, x_in) {T=int32}
        more = LoopCond(less)
        at = Switch(i, more) {T=int32}
        one = Const(^at:1) {dtype=int32, value=int32[]{1}}
        sum = AddV2(at:1, one) {T=int32}
        next = NextIteration(sum) {T=int32}
        y = Exit(at) {T=int32}
        """;

    [Theory]
    [InlineData(false, "x c")]
    [InlineData(true, "x c y")]
    public void TellsEachStepInRunOrder(bool useReferenceKernels, string nodes)
    {
        Graph graph = GraphText.Parse(Straight).Select(node => node.Op == "Const" ? Node.Constant("w", Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 1, 16, 8), new float[128])) : node);
        var steps = new List<StepTiming>();
        IExecutable executable = new CpuBackend().Compile(graph, ["y"], new() { UseReferenceKernels = useReferenceKernels, Profile = steps.Add });
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 4, 4, 16), new float[256]) };
        executable.Run(feeds);
        Assert.Equal(nodes, string.Join(' ', steps.Select(step => step.Node.Name).Distinct()));
        Assert.Equal(4 * 4 * 8 * sizeof(float), steps.First(step => step.Node.Name == "c").OutputBytes);
        Assert.All(steps.Zip(steps.Skip(1)), pair => Assert.True(pair.First.Start + pair.First.Duration <= pair.Second.Start, $"{pair.Second} begins before {pair.First} ends"));
        int first = steps.Count;
        executable.Run(feeds);
        Assert.Equal(2 * first, steps.Count);
        Assert.Equal(steps.Take(first).Select(step => step.Node.Name), steps.Skip(first).Select(step => step.Node.Name));
    }

    /// <summary>The image is padded by a step of its own, and the input is fed and waited for.</summary>
    [Fact]
    public void Shapes_are_told_once_for_each_node()
    {
        const string padded =
            """
            x = Placeholder() {dtype=float, shape=(1,6,6,1)}
            c = Conv2D(x, w, ^x) {T=float, strides=[1,1,1,1], padding="SAME", data_format="NHWC", dilations=[1,1,1,1]}
            """;
        Graph graph = new([.. GraphText.Parse(padded).Nodes, Node.Constant("w", Tensor.Create<float>(DataType.Float, TensorShape.Of(3, 3, 1, 8), new float[72]))]);
        var steps = new List<StepTiming>();
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 6, 6, 1), new float[36]) };
        new CpuBackend().Compile(graph, ["c"], new() { Feeds = ["x"], Profile = steps.Add }).Run(feeds);
        Assert.Equal(2, steps.Count(step => step.Node.Name == "c"));
        Assert.Equal("[1,6,6,8]", string.Join(' ', steps.Where(step => step.Node.Name == "c").SelectMany(step => step.OutputShapes)));
    }

    [Fact]
    public void TellsEachIterationOfALoop()
    {
        var steps = new List<StepTiming>();
        new CpuBackend().Compile(GraphText.Parse(Loop), ["y"], new() { Profile = steps.Add }).Run(new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = Tensor.Scalar(7) });
        Assert.Equal(7, steps.Count(step => step.Node.Name == "sum"));
        Assert.Equal(8, steps.Count(step => step.Node.Name == "less"));
        Assert.Equal(1, steps.Count(step => step.Node.Name == "y"));
    }

    [Fact]
    public void ACallOfAFunctionIsOneStep()
    {
        const string Call =
            """
            x = Placeholder() {dtype=int32, shape=()}
            y = PartitionedCall(x) {Tin=[int32], Tout=[int32], f=@doubled}
            function doubled {
              input a {type=int32}
              output z {type=int32}
              sum = AddV2(a, a) {T=int32}
              return z = sum:z:0
            }
            """;
        var steps = new List<StepTiming>();
        new CpuBackend().Compile(GraphText.Parse(Call), ["y"], new() { Profile = steps.Add }).Run(new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["x"] = Tensor.Scalar(7) });
        Assert.Equal(["x", "y"], steps.Select(step => step.Node.Name));
    }
}
