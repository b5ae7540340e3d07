using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Execution;

/// <summary>Loops end by their condition, by the limit or by cancellation, and hold no more than an iteration needs.</summary>
public sealed class LoopTests
{
    /// <summary>Counts from 0 to <c>n</c> and adds 1 to every element of <c>v</c> each time.</summary>
    private const string Frames =
        """
        n = Placeholder() {dtype=int64, shape=()}
        zero = Const() {dtype=int64, value=int64[]{0}}
        v = Placeholder() {dtype=float, shape=(?)}
        i_in = Enter(zero) {T=int64, frame_name="counting", is_constant=false, parallel_iterations=10}
        v_in = Enter(v) {T=float, frame_name="counting", is_constant=false, parallel_iterations=10}
        n_in = Enter(n) {T=int64, frame_name="counting", is_constant=true, parallel_iterations=10}
        i = Merge(i_in, i_next) {N=2, T=int64}
        w = Merge(v_in, v_next) {N=2, T=float}
        less = Less(i, n_in) {T=int64}
        more = LoopCond(less)
        i_at = Switch(i, more) {T=int64}
        w_at = Switch(w, more) {T=float}
        one = Const(^i_at:1) {dtype=int64, value=int64[]{1}}
        step = Const(^i_at:1) {dtype=float, value=float[]{1}}
        i_sum = Add(i_at:1, one) {T=int64}
        v_sum = Add(w_at:1, step) {T=float}
        i_next = NextIteration(i_sum) {T=int64}
        v_next = NextIteration(v_sum) {T=float}
        count = Exit(i_at) {T=int64}
        y = Exit(w_at) {T=float}
        """;

    private const string Functions =
        """
        n = Placeholder() {dtype=int64, shape=()}
        zero = Const() {dtype=int64, value=int64[]{0}}
        v = Placeholder() {dtype=float, shape=(?)}
        counting = StatelessWhile(zero, n, v) {T=[int64,int64,float], cond=@below, body=@increase}
        count = Identity(counting) {T=int64}
        y = Identity(counting:2) {T=float}
        function below {
          input i {type=int64}
          input n {type=int64}
          input v {type=float}
          output z {type=bool}
          less = Less(i, n) {T=int64}
          return z = less:z:0
        }
        function increase {
          input i {type=int64}
          input n {type=int64}
          input v {type=float}
          output i_next {type=int64}
          output n_next {type=int64}
          output v_next {type=float}
          one = Const() {dtype=int64, value=int64[]{1}}
          step = Const() {dtype=float, value=float[]{1}}
          sum = AddV2(i, one:output:0) {T=int64}
          v_sum = Add(v, step:output:0) {T=float}
          return i_next = sum:z:0
          return n_next = n
          return v_next = v_sum:z:0
        }
        """;

    public static TheoryData<string> Loops() => [Frames, Functions];

    [Theory]
    [MemberData(nameof(Loops))]
    public void EndsByItsCondition(string loop)
    {
        var results = Compile(loop, CompileOptions.Default, "count", "y").Run(Feeds(1000, 2));
        Assert.Equal(1000, results[0].AsSpan<long>()[0]);
        Assert.Equal([1000f, 1000f], results[1].AsSpan<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void IsGivenUpPastTheLimitWhichCanBeRaised(string loop)
    {
        var error = Assert.Throws<ExecutionException>(() => Compile(loop, new() { MaxLoopIterations = 10 }, "count").Run(Feeds(11, 1)));
        Assert.Equal(StatusKind.OutOfRange, error.Kind);
        Assert.Contains("counting", error.Message, StringComparison.Ordinal);
        Assert.Contains("raise the limit", error.Message, StringComparison.Ordinal);
        Assert.Equal(11, Compile(loop, new() { MaxLoopIterations = 11 }, "count").Run(Feeds(11, 1))[0].AsSpan<long>()[0]);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void IsCancelledWhileItRuns(string loop)
    {
        using var cancellation = new CancellationTokenSource();
        var stop = new Watch(_ => cancellation.Cancel());
        var options = new CompileOptions { MaxLoopIterations = long.MaxValue, Kernels = CompileOptions.Default.Kernels.Add("Add", stop) };
        Assert.Throws<OperationCanceledException>(() => Compile(loop, options, "count", "y").Run(Feeds(int.MaxValue - 1, 1), cancellation.Token));
        Assert.InRange(stop.Calls, 1, 10);
    }

    [Theory]
    [MemberData(nameof(Loops))]
    public void KeepsNoTensorOfPastIterations(string loop)
    {
        var tensors = new List<WeakReference>();
        int most = 0;
        var watch = new Watch(tensor =>
        {
            if (tensor.Type != DataType.Float)
                return;
            tensors.Add(new(tensor));
            if (tensors.Count % 50 != 0)
                return;
            GC.Collect();
            most = Math.Max(most, tensors.Count(reference => reference.IsAlive));
        });
        var options = new CompileOptions { Kernels = CompileOptions.Default.Kernels.Add("Add", watch) };
        Compile(loop, options, "y").Run(Feeds(500, 1000));
        Assert.Equal(500, tensors.Count);
        Assert.InRange(most, 1, 5);
    }

    [Fact]
    public void ARecursionWithoutEndIsAnErrorThatNamesTheFunction()
    {
        const string Recursion = """
            v = Placeholder() {dtype=float, shape=()}
            y = PartitionedCall(v) {Tin=[float], Tout=[float], f=@forever}
            function forever {
              input x {type=float}
              output z {type=float}
              again = PartitionedCall(x) {Tin=[float], Tout=[float], f=@forever}
              return z = again:output:0
            }
            """;
        var error = Assert.Throws<ExecutionException>(() => Compile(Recursion, CompileOptions.Default, "y").Run(new Dictionary<string, Tensor>(StringComparer.Ordinal) { ["v"] = Tensor.Scalar(1f) }));
        Assert.Equal(StatusKind.OutOfRange, error.Kind);
        Assert.Contains("'forever' is called within itself too deeply", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ACancelledRunStopsBeforeTheNextNode(bool useReferenceKernels)
    {
        using var cancellation = new CancellationTokenSource();
        var watch = new Watch(_ => cancellation.Cancel());
        var options = new CompileOptions { UseReferenceKernels = useReferenceKernels, Kernels = CompileOptions.Default.Kernels.Add("Add", watch) };
        IExecutable executable = Compile("v = Placeholder() {dtype=float, shape=(2)}\na = Add(v, v) {T=float}\ny = Add(a, v) {T=float}\n", options, "y");
        Assert.Throws<OperationCanceledException>(() => executable.Run(Feeds(0, 2), cancellation.Token));
        Assert.Equal(1, watch.Calls);
        Assert.Equal([2f, 2f], executable.Run(Feeds(0, 2))[0].AsSpan<float>().ToArray());
    }

    private static IExecutable Compile(string graph, CompileOptions options, params string[] outputs) => new CpuBackend().Compile(GraphText.Parse(graph), outputs, options);

    private static Dictionary<string, Tensor> Feeds(long count, int elements) => new(StringComparer.Ordinal)
    {
        ["n"] = Tensor.Create<long>(DataType.Int64, TensorShape.Scalar, [count]),
        ["v"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(elements), new float[elements]),
    };

    /// <summary>Adds a scalar, and tells of each sum.</summary>
    private sealed class Watch(Action<Tensor> tell) : IKernel
    {
        public int Calls { get; private set; }

        public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

        public Tensor[] Compute(KernelCall call)
        {
            Calls++;
            Tensor data = call.Inputs[0];
            Tensor sum = data.Type == DataType.Int64
                ? Tensor.Create<long>(DataType.Int64, data.Shape, [.. data.AsSpan<long>().ToArray().Select(value => value + 1)])
                : Tensor.Create<float>(DataType.Float, data.Shape, [.. data.AsSpan<float>().ToArray().Select(value => value + 1)]);
            tell(sum);
            return [sum];
        }
    }
}
