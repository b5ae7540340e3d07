using System.Collections.Immutable;

namespace TransformFramework.Workflows.Evaluation;

/// <summary>Counts answers, image by image. Its size depends on the number of classes, and on the number of images only where it keeps their answers.</summary>
/// <param name="keepsAnswers">Whether the answer of each image is kept.</param>
internal sealed class AnswerCounts(bool keepsAnswers)
{
    private const int Few = 5;

    /// <summary>As many images are kept as the worst.</summary>
    private const int MostWorst = 24;

    private static readonly Comparer<(float Margin, int Image)> BestFirst = Comparer<(float Margin, int Image)>.Create((a, b) => b.CompareTo(a));

    private readonly ImmutableArray<int>.Builder answers = ImmutableArray.CreateBuilder<int>();
    private readonly Dictionary<(int Label, int Answer), int> confusion = [];
    private readonly PriorityQueue<SampleMargin, (float Margin, int Image)> worst = new(BestFirst);
    private int images;
    private int top1;
    private int top5;

    /// <summary>Takes in one image and gives its answer: the class of the largest score, the first of equal ones.</summary>
    /// <param name="label">The right class, from 0 to below the number of scores.</param>
    /// <param name="scores">A score for each class.</param>
    public int Add(int label, ReadOnlySpan<float> scores)
    {
        int answer = Largest(scores);
        var sample = new SampleMargin(images, label, answer, Margin(scores, label));
        worst.Enqueue(sample, (sample.Margin, sample.Image));
        if (worst.Count > MostWorst)
            worst.Dequeue();
        confusion[(label, answer)] = confusion.GetValueOrDefault((label, answer)) + 1;
        top1 += answer == label ? 1 : 0;
        top5 += IsAmongLargest(scores, label) ? 1 : 0;
        images++;
        if (keepsAnswers)
            answers.Add(answer);
        return answer;
    }

    /// <summary>What was counted.</summary>
    public Accuracy ToAccuracy() => new(images, top1, top5)
    {
        Answers = answers.ToImmutable(),
        Confusion = confusion,
        Worst = [.. worst.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element)],
    };

    private static float Margin(ReadOnlySpan<float> scores, int label)
    {
        float other = float.NegativeInfinity;
        for (int i = 0; i < scores.Length; i++)
            other = i == label ? other : MathF.Max(other, scores[i]);
        return scores[label] - other;
    }

    private static int Largest(ReadOnlySpan<float> scores)
    {
        int largest = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[largest])
                largest = i;
        }
        return largest;
    }

    private static bool IsAmongLargest(ReadOnlySpan<float> scores, int label)
    {
        int larger = 0;
        foreach (float score in scores)
            larger += score > scores[label] ? 1 : 0;
        return larger < Few;
    }
}
