using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.Tests.Sessions;

/// <summary>Runs in the program's own memory.</summary>
public sealed class SessionBuffersTests
{
    private const string Scaled = """
        x = Placeholder() {dtype=float, shape=(?,2)}
        two = Const() {dtype=float, value=float[]{2}}
        y = Mul(x, two) {T=float}
        """;

    private static readonly TransformEngine Engine = new(new() { ProgramFolder = RepositoryFiles.OutputOf("Host/Cli") });

    private readonly Session session = Engine.CreateSession(new Model(GraphText.Parse(Scaled)), new() { Threads = 1 });

    [Fact]
    public void Inputs_are_written_and_outputs_read_in_place()
    {
        SessionBuffers buffers = session.CreateBuffers(batch: 3);
        for (int run = 1; run < 4; run++)
        {
            buffers.Input<float>("x").Fill(run);
            buffers.InputTensor<float>("x")[2, 1] = -run;
            buffers.Run();
            Assert.Equal([2f * run, 2f * run, 2f * run, 2f * run, 2f * run, -2f * run], buffers.Output<float>("y").ToArray());
            Assert.Equal(-2f * run, buffers.OutputTensor<float>("y")[2, 1]);
        }
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        SessionBuffers buffers = session.CreateBuffers();
        Assert.Equal(0, SteadyState.AllocatedBytes(() => buffers.Run()));
    }

    [Fact]
    public void Names_and_types_that_do_not_fit_are_refused()
    {
        SessionBuffers buffers = session.CreateBuffers();
        Assert.Contains("no input 'z'; there are x", Assert.Throws<ArgumentException>(() => buffers.Input<float>("z").Length).Message, StringComparison.Ordinal);
        Assert.Contains("no output 'x'; there are y", Assert.Throws<ArgumentException>(() => buffers.Output<float>("x").Length).Message, StringComparison.Ordinal);
        Assert.Contains("float", Assert.Throws<ArgumentException>(() => buffers.Input<double>("x").Length).Message, StringComparison.Ordinal);
        Assert.Contains("not of Int32", Assert.Throws<ArgumentException>(() => buffers.Output<int>("y").Length).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_that_does_not_exist_is_answered_with_the_nearest() =>
        Assert.Contains("did you mean 'two'?", Assert.Throws<ExecutionException>(() => Engine.CreateSession(new Model(GraphText.Parse(Scaled)), new() { Outputs = ["too"] })).Message, StringComparison.Ordinal);

    [Fact]
    public void An_input_without_a_known_shape_asks_for_one()
    {
        Session open = Engine.CreateSession(new Model(GraphText.Parse("x = Placeholder() {dtype=float, shape=(?,?)}\ny = Neg(x) {T=float}")));
        Assert.Contains("'x'", Assert.Throws<ExecutionException>(() => open.CreateBuffers()).Message, StringComparison.Ordinal);
        Assert.Equal(6, open.CreateBuffers(shapes: new Dictionary<string, TensorShape> { ["x"] = TensorShape.Of(2, 3) }).Output<float>("y").Length);
    }
}
