using TransformFramework.Workflows.Evaluation;

namespace TransformFramework.Workflows.Tests.Evaluation;

public sealed class ShiftedLabelsTests
{
    [Theory]
    [InlineData(1, "each label were one less")]
    [InlineData(-1, "each label were one more")]
    public void Labels_that_count_from_another_number_are_noticed(int shift, string message) =>
        Assert.Contains(message, Of(100, answer => answer + shift).ShiftedLabels!.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(100, 0)]
    [InlineData(100, 5)]
    [InlineData(7, 1)]
    public void Right_labels_wrong_answers_and_few_images_are_not(int images, int shift) => Assert.Null(Of(images, answer => answer + shift).ShiftedLabels);

    private static Accuracy Of(int images, Func<int, int> labelOf)
    {
        int[] answers = [.. Enumerable.Range(0, images).Select(image => 1 + (image % 8))];
        return new(images, answers.Count(answer => labelOf(answer) == answer), 0) { Confusion = answers.CountBy(answer => (labelOf(answer), answer)).ToDictionary() };
    }
}
