using Microsoft.ML;
using Microsoft.ML.Data;
using TransformFramework.Engine;
using TransformFramework.Graphs;

namespace TransformFramework.MachineLearning.Tests;

/// <summary>Graphs as steps of ML.NET's pipelines.</summary>
public sealed class GraphScoringTests
{
    private const string Net = """
        x = Placeholder() {dtype=float, shape=(?,2)}
        n = Placeholder() {dtype=int32, shape=(?)}
        two = Const() {dtype=float, value=float[]{2}}
        y = Mul(x, two) {T=float}
        s = Neg(n) {T=int32}
        """;

    private static readonly Sample[] Samples = [.. Enumerable.Range(0, 50).Select(i => new Sample { Values = [i, -i], Number = i, Name = $"sample {i}" })];

    private readonly MLContext context = new(seed: 1);
    private readonly TransformEngine engine = Programs.Engine();

    [Fact]
    public void Results_are_columns_beside_those_of_the_input()
    {
        GraphScoringTransformer transformer = Estimator().Fit(View);
        Scored[] scored = [.. context.Data.CreateEnumerable<Scored>(transformer.Transform(View), reuseRowObject: false)];
        Assert.Equal(Samples.Length, scored.Length);
        for (int i = 0; i < scored.Length; i++)
        {
            Assert.Equal([2f * i, -2f * i], scored[i].Doubled);
            Assert.Equal((-i, $"sample {i}"), (scored[i].Negated, scored[i].Name));
        }
    }

    [Fact]
    public void The_schema_says_names_types_and_sizes()
    {
        DataViewSchema schema = Estimator().Fit(View).GetOutputSchema(View.Schema);
        Assert.Equal(["Values", "Number", "Name", "Doubled", "Negated"], schema.Select(column => column.Name));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 2), schema["Doubled"].Type);
        Assert.Equal(NumberDataViewType.Int32, schema["Negated"].Type);
    }

    [Fact]
    public void It_is_a_step_among_others_and_serves_single_predictions()
    {
        var chain = context.Transforms.NormalizeMinMax("Values").Append(Estimator()).Append(context.Transforms.CopyColumns("Copy", "Doubled"));
        ITransformer trained = chain.Fit(View);
        Assert.True(trained.IsRowToRowMapper);
        PredictionEngine<Sample, Scored> predictions = context.Model.CreatePredictionEngine<Sample, Scored>(trained);
        for (int i = 1; i < 4; i++)
            Assert.Equal(2f * i / 49, predictions.Predict(Samples[i]).Doubled[0], 1e-6);
    }

    [Fact]
    public void The_graph_is_not_run_for_columns_that_nobody_reads()
    {
        IDataView scored = Estimator().Fit(View).Transform(View);
        using DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema["Name"]]);
        ValueGetter<ReadOnlyMemory<char>> name = cursor.GetGetter<ReadOnlyMemory<char>>(scored.Schema["Name"]);
        Assert.True(cursor.MoveNext());
        ReadOnlyMemory<char> value = default;
        name(ref value);
        Assert.Equal("sample 0", value.ToString());
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<VBuffer<float>>(scored.Schema["Doubled"]));
    }

    [Fact]
    public void It_is_saved_and_loaded()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("scoring").FullName, "scoring.zip");
        Estimator().Fit(View).Save(path);
        using GraphScoringTransformer loaded = GraphScoringTransformer.Load(path, engine);
        Scored[] scored = [.. context.Data.CreateEnumerable<Scored>(loaded.Transform(View), reuseRowObject: false)];
        Assert.Equal([6f, -6f], scored[3].Doubled);
        Assert.Equal(-3, scored[3].Negated);
    }

    [Fact]
    public void What_is_no_such_file_is_named()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("scoring").FullName, "scoring.zip");
        File.WriteAllText(path, "no archive");
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => GraphScoringTransformer.Load(path, engine)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ML_NETs_own_file_refuses_it_and_says_what_to_call()
    {
        GraphScoringTransformer transformer = Estimator().Fit(View);
        var error = Assert.ThrowsAny<Exception>(() => context.Model.Save(transformer, View.Schema, new MemoryStream()));
        Assert.Contains("GraphScoringTransformer.Load", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Missing", "there is no column 'Missing'")]
    [InlineData("Name", "the column 'Name' is String, the graph's input 'x' takes 2 of Single")]
    [InlineData("Number", "the column 'Number' is Int32, the graph's input 'x' takes 2 of Single")]
    public void A_column_that_does_not_fit_is_named(string column, string message)
    {
        var estimator = context.Transforms.ApplyGraph(new Model(GraphText.Parse(Net)), inputs: [(column, "x"), ("Number", "n")], engine: engine);
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => estimator.Fit(View)).Message, StringComparison.Ordinal);
    }

    private IDataView View => context.Data.LoadFromEnumerable(Samples);

    private GraphScoringEstimator Estimator() =>
        context.Transforms.ApplyGraph(new Model(GraphText.Parse(Net)), outputs: [("Doubled", "y"), ("Negated", "s")], inputs: [("Values", "x"), ("Number", "n")], engine: engine);

    private sealed class Sample
    {
        [VectorType(2)]
        public float[] Values { get; set; } = [];

        public int Number { get; set; }

        public string Name { get; set; } = "";
    }

    private sealed class Scored
    {
        public float[] Doubled { get; set; } = [];

        public int Negated { get; set; }

        public string Name { get; set; } = "";
    }
}
