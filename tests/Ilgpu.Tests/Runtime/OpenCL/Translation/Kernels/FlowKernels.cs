using ILGPU;

namespace Ilgpu.Tests.Runtime.OpenCL.Translation.Kernels;

/// <summary>Branches and loops: each thread has two numbers and writes 16 results.</summary>
public static class FlowKernels
{
    public static void Choices(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int x = a[i];
        int y = b[i];
        int to = i * 16;
        int kind;
        if (x < 0)
            kind = 1;
        else if (x == 0)
            kind = 2;
        else if (x < 100)
        {
            kind = 3;
            if (y > x)
                kind = 30;
        }
        else
            kind = 4;
        results[to] = kind;
        if ((x > 0 && y > 0) || x == y)
            results[to + 1] = 1;
        if ((x > 0 || y > 0) && x != y)
            results[to + 2] = 1;
        if (!(x > 0 || (y < 5 && x < y)))
            results[to + 3] = 1;
        results[to + 4] = x > y ? x > 10 ? 1 : 2 : y > 10 ? 3 : 4;
        results[to + 5] = 5 * (x > y ? x : y) + (x == 0 ? y : x / 2);
        results[to + 6] += x > 0 && (y > 0 || x > 7) ? 1 : 2;
        bool flag = x > 3 && y > 3 || x < -3;
        results[to + 7] = flag ? 1 : 0;
        results[to + 8] = Sign(x) * 10 + Sign(y);
        results[to + 9] = Graded(x);
        if (x > 100)
            return;
        results[to + 10] = 1;
        if (y > 100)
        {
            results[to + 11] = 1;
            return;
        }

        results[to + 12] = 1;
    }

    public static void Switches(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int x = a[i];
        int to = i * 16;
        switch (x)
        {
            case 0:
                results[to] = 10;
                break;
            case 1:
            case 2:
                results[to] = 20;
                break;
            case 3:
                results[to] = 30;
                goto case 0;
            case 7:
                return;
            default:
                results[to] = -1;
                break;
        }

        results[to + 1] = (b[i] & 7) switch { 0 => 5, 1 => 6, 2 => 7, 3 => 8, 6 => x, _ => 9 };
        int sum = 0;
        for (int k = 0; k < 10; k++)
        {
            switch (k)
            {
                case 1:
                    continue;
                case 2:
                    sum += 100;
                    break;
                case 3:
                case 4:
                    sum += 10;
                    break;
            }

            sum += k;
        }

        results[to + 2] = sum;
    }

    public static void Loops(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int x = a[i] & 15;
        int y = b[i] & 15;
        int to = i * 16;
        int sum = 0;
        for (int k = 0; k < x; k++)
            sum += k;
        for (int k = x; k >= 0; k -= 3)
            sum = (sum * 3) + k;
        results[to] = sum;

        int steps = 0;
        int n = x + 1;
        while (n != 1)
        {
            n = (n & 1) == 0 ? n / 2 : (3 * n) + 1;
            steps++;
        }

        results[to + 1] = steps;
        int digits = 0;
        int rest = a[i];
        do
        {
            rest /= 10;
            digits++;
        }
        while (rest != 0);
        results[to + 2] = digits;

        int found = -1;
        for (int k = 0; k < 16; k++)
        {
            if ((k & 1) == 1)
                continue;
            if (k * 3 > y)
            {
                found = k;
                break;
            }

            results[to + 3] += k;
        }

        results[to + 4] = found;
        int pairs = 0;
        for (int k = 0; k < x; k++)
        {
            for (int j = 0; j < y; j++)
            {
                if (j > k)
                    break;
                if (((j + k) & 3) == 0)
                    continue;
                pairs += j + (2 * k);
            }
        }

        results[to + 5] = pairs;
        int count = 0;
        while (true)
        {
            count++;
            if (count > x && count > y)
                break;
        }

        results[to + 6] = count;
        results[to + 7] = FirstMultiple(x + 2, y);
        results[to + 8] = LeastFactor(a[i] & 1023);
        int both = 0;
        while (both < x && both < y)
            both++;
        results[to + 9] = both;
        for (; ; )
        {
            if (both-- <= 0)
                break;
            results[to + 10] += both;
        }

        // Further steps than one, upwards near the largest int.
        int last = 0;
        for (int k = int.MaxValue - 20; k < int.MaxValue - 10; k += 3)
            last = k;
        results[to + 11] = last;
    }

    public static void LoopsWithSeveralExits(
        Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        int x = a[i] & 31;
        int y = b[i] & 31;
        int to = i * 16;
        int reason = 0;
        int k = 0;
        while (k < 20)
        {
            if (k == x)
            {
                reason = 1;
                results[to] = 5;
                break;
            }

            if (k + 3 == y)
            {
                reason = 2;
                break;
            }

            k++;
        }

        results[to + 1] = reason + (10 * k);
        int outer, inner = 0;
        for (outer = 0; outer < 8; outer++)
        {
            for (inner = 0; inner < 8; inner++)
            {
                if (outer * inner > x)
                    goto done;
                if (inner > y)
                    goto next;
            }

            results[to + 2]++;
        next:
            results[to + 3]++;
        }

        results[to + 4] = 77;
    done:
        results[to + 5] = outer + (100 * inner);
        for (int j = 0; j < 32; j++)
        {
            results[to + 6] = j;
            if (j == y)
            {
                results[to + 7] = 1;
                return;
            }

            if (j > x)
                return;
        }

        results[to + 8] = 1;
    }

    public static void Gotos(Index1D i, ArrayView<int> a, ArrayView<int> b, ArrayView<int> results)
    {
        // A loop that is entered at two places.
        int n = a[i] & 15;
        int to = i * 16;
        int odd = 0, even = 0;
        if ((b[i] & 1) == 1)
            goto second;
    first:
        even += n;
        n--;
    second:
        odd += n;
        n--;
        if (n > 0)
            goto first;
        results[to] = even;
        results[to + 1] = odd;
        results[to + 2] = n;
    }

    private static int Sign(int x)
    {
        if (x < 0)
            return -1;
        if (x > 0)
            return 1;
        return 0;
    }

    private static int Graded(int x)
    {
        int result;
        if (x > 1000)
        {
            result = 1;
        }
        else
        {
            if (x < -1000)
                return x / 2;
            result = x;
        }

        return result + 1;
    }

    private static int FirstMultiple(int of, int above)
    {
        for (int k = above + 1; ; k++)
        {
            if (k % of == 0)
                return k;
        }
    }

    private static int LeastFactor(int n)
    {
        for (int k = 2; k * k <= n; k++)
        {
            if (n % k == 0)
                return k;
        }

        return n;
    }
}
